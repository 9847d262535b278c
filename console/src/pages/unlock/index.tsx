import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Accounts } from "@ordercloud/portal-javascript-sdk";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { Outside } from "../../app/Outside";
import { CodeInput } from "../../parts/CodeForm";
import { EmailInput } from "../../parts/inputs";
import { SubmitForm } from "../../parts/SubmitForm";
import { useSubmit } from "../../parts/useSubmit";

/** Ends the lock that followed wrong passwords, by the code that was mailed when it began (PORT-3). */
export default function Unlock() {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [email, setEmail] = useState(params.get("email") ?? "");
  const [code, setCode] = useState(params.get("code") ?? "");
  const form = useSubmit(async () => {
    await Accounts.Unlock({ Email: email.trim(), Code: code.trim() });
    notifications.show({ message: "The lock has ended. Sign in." });
    navigate("/", { replace: true });
  });
  return (
    <Outside title="Unlock your account">
      <SubmitForm form={form} action="Unlock it" wide>
        <Text size="sm">When it was locked a code was mailed to you. Without it, wait for some minutes.</Text>
        <EmailInput value={email} onChange={setEmail} />
        <CodeInput value={code} onChange={setCode} />
      </SubmitForm>
    </Outside>
  );
}
