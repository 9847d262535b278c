import { Alert, Text } from "@mantine/core";
import { Accounts } from "@ordercloud/portal-javascript-sdk";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { problemOf } from "../../api/problem";
import { AnotherCode, AskForCode } from "../../app/AskForCode";
import { Outside } from "../../app/Outside";
import { CodeInput, MailNote } from "../../parts/CodeForm";
import { NameInput, SecretInput, UsernameInput } from "../../parts/inputs";
import { SubmitForm } from "../../parts/SubmitForm";
import { useSubmit } from "../../parts/useSubmit";
import { signInToPortal } from "../../session/portal";

/** An account of the portal: an address first, then the code that was mailed to it (PORT-3). The mail's link brings both. */
export default function SignUp() {
  const [params] = useSearchParams();
  const [email, setEmail] = useState(params.get("email") ?? "");
  const [mailed, setMailed] = useState(params.get("code") ?? "");
  const [asked, setAsked] = useState(mailed !== "");
  const form = useSubmit(async () => {
    await Accounts.Register({ Email: email.trim() });
    setAsked(true);
  });
  const errors = form.error === undefined ? [] : problemOf(form.error).errors;
  const closed = errors.find(({ ErrorCode }) => ErrorCode === "Portal.SignUpClosed");
  if (closed !== undefined) {
    return (
      <Outside title="Make an account">
        <Alert role="alert" color="orange" title="Sign-up is closed here">
          {closed.Message}
        </Alert>
      </Outside>
    );
  }
  const again = () => {
    setMailed("");
    setAsked(false);
  };
  if (asked) return <Verify email={email.trim()} mailed={mailed} onAgain={again} />;
  return (
    <AskForCode
      title="Make an account"
      about="An account owns marketplaces, and looks after those of others. A code proves that the address is yours."
      form={form}
      email={email}
      onEmail={setEmail}
    />
  );
}

function Verify({ email, mailed, onAgain }: { email: string; mailed: string; onAgain: () => void }) {
  const navigate = useNavigate();
  const [code, setCode] = useState(mailed);
  const [username, setUsername] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const form = useSubmit(async () => {
    await Accounts.Verify({ Email: email, Code: code.trim(), Username: username.trim(), Password: password, Name: name.trim() });
    await signInToPortal(username.trim(), password);
    navigate("/marketplaces", { replace: true });
  });
  return (
    <Outside title="Make an account" foot={<AnotherCode onAsk={onAgain} />}>
      <SubmitForm form={form} action="Make my account" wide>
        {mailed === "" ? <MailNote email={email} /> : <Text size="sm">For {email}.</Text>}
        <CodeInput value={code} onChange={setCode} />
        <NameInput label="Your name" value={name} onChange={setName} />
        <UsernameInput
          description="By which others invite you: letters, digits, points, hyphens, underscores."
          value={username}
          onChange={setUsername}
        />
        <SecretInput label="Password" kind="new-password" value={password} onChange={setPassword} />
      </SubmitForm>
    </Outside>
  );
}
