import { Anchor, Group } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { SecretInput, UsernameInput } from "../parts/inputs";
import { SubmitForm } from "../parts/SubmitForm";
import { useSubmit } from "../parts/useSubmit";
import { signInToPortal } from "../session/portal";
import { ElsewhereButtons } from "./ElsewhereButtons";

/** Into the portal, to choose a marketplace there. */
export function PortalForm() {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const form = useSubmit(() => signInToPortal(username.trim(), password));
  return (
    <>
      <SubmitForm form={form} action="Sign in" wide>
        <UsernameInput label="Username or e-mail address" value={username} onChange={setUsername} />
        <SecretInput label="Password" kind="current-password" value={password} onChange={setPassword} />
      </SubmitForm>
      <Group justify="space-between" mt="md" gap="xs">
        <Anchor component={Link} to="/sign-up" size="sm">
          Make an account
        </Anchor>
        <Anchor component={Link} to="/new-password" size="sm">
          Forgotten your password?
        </Anchor>
      </Group>
      <ElsewhereButtons />
    </>
  );
}
