import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "react-router";
import { EmailInput } from "../parts/inputs";
import { SubmitForm } from "../parts/SubmitForm";
import type { Submitting } from "../parts/useSubmit";
import { Outside } from "./Outside";

interface Props {
  title: string;
  about: string;
  form: Submitting;
  email: string;
  onEmail: (email: string) => void;
}

/** The first step of what a mailed code proves: to which address it goes. */
export function AskForCode({ title, about, form, email, onEmail }: Props) {
  return (
    <Outside title={title}>
      <SubmitForm form={form} action="Send me a code" wide>
        <Text size="sm">{about}</Text>
        <EmailInput value={email} onChange={onEmail} />
      </SubmitForm>
    </Outside>
  );
}

/** Below the second step: back to the first, or to the sign-in. */
export function AnotherCode({ onAsk }: { onAsk: () => void }) {
  return (
    <Group gap="md">
      <Anchor component="button" type="button" size="sm" underline="always" onClick={onAsk}>
        Ask for another code
      </Anchor>
      <Anchor component={Link} to="/" size="sm" underline="always">
        To the sign-in
      </Anchor>
    </Group>
  );
}
