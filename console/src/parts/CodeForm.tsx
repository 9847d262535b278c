import { Alert, Anchor, Code, Collapse, Group, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { Copy } from "./Copy";
import { SubmitForm } from "./SubmitForm";
import { useSubmit } from "./useSubmit";

interface Props {
  /** The address that the code was mailed to. */
  email: string;
  /** What the button says. */
  action: string;
  onCode: (code: string) => Promise<unknown>;
  dangerous?: boolean;
  onCancel?: () => void;
}

/** Takes the code of a mail. */
export function CodeForm({ email, action, onCode, dangerous = false, onCancel }: Props) {
  const [code, setCode] = useState("");
  const form = useSubmit(() => onCode(code.trim()));
  return (
    <SubmitForm form={form} action={action} dangerous={dangerous} {...(onCancel && { onCancel })}>
      <MailNote email={email} />
      <CodeInput value={code} onChange={setCode} />
    </SubmitForm>
  );
}

export function CodeInput({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  return (
    <TextInput
      label="Code"
      required
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="one-time-code"
      autoCapitalize="characters"
      spellCheck={false}
      autoFocus={value === ""}
    />
  );
}

/** Says where the code is, also where no mail server is set: then the server keeps its mail. */
export function MailNote({ email }: { email: string }) {
  const [opened, { toggle }] = useDisclosure();
  const command = `entrepot portal messages ${email}`;
  return (
    <Alert role="status" color="blue" c="var(--mantine-color-text)">
      <Text size="sm" className="any-text">
        A code is on its way to <bdi>{email}</bdi>. It holds for half an hour.
      </Text>
      <Anchor component="button" type="button" size="sm" underline="always" onClick={toggle} aria-expanded={opened}>
        No mail arrives?
      </Anchor>
      <Collapse expanded={opened}>
        <Text size="sm" mt="xs">
          A server without a mail server, as on a laptop, keeps its mail. On its machine this shows it; where <Code>make serve</Code> started it, the
          command is <Code>.venv/bin/entrepot</Code>:
        </Text>
        <Group gap={4} wrap="nowrap" mt={4}>
          <Code className="any-text">{command}</Code>
          <Copy text={command} of="the command" />
        </Group>
      </Collapse>
    </Alert>
  );
}
