import { Alert, PasswordInput, Text, TextInput } from "@mantine/core";
import { Accounts } from "@ordercloud/portal-javascript-sdk";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { problemOf } from "../../api/problem";
import { Outside } from "../../app/Outside";
import { CodeInput, MailNote } from "../../parts/CodeForm";
import { SubmitForm } from "../../parts/SubmitForm";
import { useSubmit } from "../../parts/useSubmit";
import { signInToPortal } from "../../session/portal";

/** An account of the portal: an address first, then the code that was mailed to it (PORT-3). The mail's link brings both. */
export default function SignUp() {
  const [params] = useSearchParams();
  const [email, setEmail] = useState(params.get("email") ?? "");
  const [asked, setAsked] = useState(params.has("code"));
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
  if (asked) return <Verify email={email.trim()} mailed={params.get("code") ?? ""} />;
  return (
    <Outside title="Make an account">
      <SubmitForm form={form} action="Send me a code" wide>
        <Text size="sm">An account owns marketplaces, and looks after those of others. A code proves that the address is yours.</Text>
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

function Verify({ email, mailed }: { email: string; mailed: string }) {
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
    <Outside title="Make an account">
      <SubmitForm form={form} action="Make my account" wide>
        {mailed === "" ? <MailNote email={email} /> : <Text size="sm">For {email}.</Text>}
        {mailed === "" && <CodeInput value={code} onChange={setCode} />}
        <TextInput label="Your name" value={name} onChange={(event) => setName(event.currentTarget.value)} autoComplete="name" />
        <TextInput
          label="Username"
          description="By which others invite you: letters, digits, points, hyphens, underscores."
          required
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="username"
        />
        <PasswordInput
          label="Password"
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
