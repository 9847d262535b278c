import { Text } from "@mantine/core";
import { Accounts } from "@ordercloud/portal-javascript-sdk";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { AnotherCode, AskForCode } from "../../app/AskForCode";
import { Outside } from "../../app/Outside";
import { CodeInput, MailNote } from "../../parts/CodeForm";
import { SecretInput } from "../../parts/inputs";
import { SubmitForm } from "../../parts/SubmitForm";
import { useSubmit } from "../../parts/useSubmit";
import { signInToPortal } from "../../session/portal";

/** For who has forgotten his password: by the code of a mail, whose link brings it (PORT-3). */
export default function NewPassword() {
  const [params] = useSearchParams();
  const [email, setEmail] = useState(params.get("email") ?? "");
  const [mailed, setMailed] = useState(params.get("code") ?? "");
  const [asked, setAsked] = useState(mailed !== "");
  const form = useSubmit(async () => {
    await Accounts.ForgotPassword({ Email: email.trim() });
    setAsked(true);
  });
  const again = () => {
    setMailed("");
    setAsked(false);
  };
  if (asked) return <Reset email={email.trim()} mailed={mailed} onAgain={again} />;
  return (
    <AskForCode
      title="Choose a new password"
      about="A code is mailed to the address, if it has an account."
      form={form}
      email={email}
      onEmail={setEmail}
    />
  );
}

function Reset({ email, mailed, onAgain }: { email: string; mailed: string; onAgain: () => void }) {
  const navigate = useNavigate();
  const [code, setCode] = useState(mailed);
  const [password, setPassword] = useState("");
  const form = useSubmit(async () => {
    const { Username } = await Accounts.ResetPassword({ Email: email, Code: code.trim(), Password: password });
    await signInToPortal(Username, password);
    navigate("/marketplaces", { replace: true });
  });
  return (
    <Outside title="Choose a new password" foot={<AnotherCode onAsk={onAgain} />}>
      <SubmitForm form={form} action="Set it and sign in" wide>
        {mailed === "" ? <MailNote email={email} /> : <Text size="sm">For {email}. All other sessions end.</Text>}
        <CodeInput value={code} onChange={setCode} />
        <SecretInput label="New password" kind="new-password" value={password} onChange={setPassword} />
      </SubmitForm>
    </Outside>
  );
}
