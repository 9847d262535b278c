import { PasswordInput, Text, TextInput } from "@mantine/core";
import { Accounts } from "@ordercloud/portal-javascript-sdk";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { Outside } from "../../app/Outside";
import { CodeInput, MailNote } from "../../parts/CodeForm";
import { SubmitForm } from "../../parts/SubmitForm";
import { useSubmit } from "../../parts/useSubmit";
import { signInToPortal } from "../../session/portal";

/** For who has forgotten his password: by the code of a mail, whose link brings it (PORT-3). */
export default function NewPassword() {
  const [params] = useSearchParams();
  const [email, setEmail] = useState(params.get("email") ?? "");
  const [asked, setAsked] = useState(params.has("code"));
  const form = useSubmit(async () => {
    await Accounts.ForgotPassword({ Email: email.trim() });
    setAsked(true);
  });
  if (asked) return <Reset email={email.trim()} mailed={params.get("code") ?? ""} />;
  return (
    <Outside title="Choose a new password">
      <SubmitForm form={form} action="Send me a code" wide>
        <Text size="sm">A code is mailed to the address, if it has an account.</Text>
        <TextInput
          label="E-mail address"
          type="email"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          autoComplete="email"
        />
      </SubmitForm>
    </Outside>
  );
}

function Reset({ email, mailed }: { email: string; mailed: string }) {
  const navigate = useNavigate();
  const [code, setCode] = useState(mailed);
  const [password, setPassword] = useState("");
  const form = useSubmit(async () => {
    const { Username } = await Accounts.ResetPassword({ Email: email, Code: code.trim(), Password: password });
    await signInToPortal(Username, password);
    navigate("/marketplaces", { replace: true });
  });
  return (
    <Outside title="Choose a new password">
      <SubmitForm form={form} action="Set it and sign in" wide>
        {mailed === "" ? <MailNote email={email} /> : <Text size="sm">For {email}. All other sessions end.</Text>}
        {mailed === "" && <CodeInput value={code} onChange={setCode} />}
        <PasswordInput
          label="New password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ "aria-label": "Show it" }}
        />
      </SubmitForm>
    </Outside>
  );
}
