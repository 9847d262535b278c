import { Button, Group, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { Trouble } from "./Trouble";
import type { Submitting } from "./useSubmit";

interface Props {
  /** Of `useSubmit`. */
  form: Submitting;
  /** What the button says. */
  action: string;
  children: ReactNode;
  disabled?: boolean;
  /** Of what cannot be undone. */
  dangerous?: boolean;
  /** Shows a second button, which leaves the form. */
  onCancel?: () => void;
  /** The button as wide as the form. */
  wide?: boolean;
}

/** Fields, what went wrong, and the button that sends them. */
export function SubmitForm({ form, action, children, disabled = false, dangerous = false, onCancel, wide = false }: Props) {
  return (
    <form onSubmit={form.submit}>
      <Stack gap="sm">
        {children}
        {form.error !== undefined && <Trouble error={form.error} />}
        <Group gap="xs" mt={4}>
          <Button type="submit" loading={form.busy} disabled={disabled} fullWidth={wide} {...(dangerous && { color: "red.9" })}>
            {action}
          </Button>
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              Cancel
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
