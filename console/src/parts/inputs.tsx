import { PasswordInput, TextInput } from "@mantine/core";

interface Props {
  value: string;
  onChange: (value: string) => void;
}

export function EmailInput({ label = "E-mail address", value, onChange }: Props & { label?: string }) {
  return (
    <TextInput label={label} type="email" required value={value} onChange={(event) => onChange(event.currentTarget.value)} autoComplete="email" />
  );
}

/** A name that browsers remember, and do not correct. */
export function UsernameInput({ label = "Username", description, value, onChange }: Props & { label?: string; description?: string }) {
  return (
    <TextInput
      label={label}
      description={description}
      required
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      spellCheck={false}
      autoComplete="username"
    />
  );
}

/** Who is to be called so by people. */
export function NameInput({ label, value, onChange }: Props & { label: string }) {
  return <TextInput label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)} autoComplete="name" />;
}

/** A password, or another secret, that can be shown. */
export function SecretInput({ label, kind, value, onChange }: Props & { label: string; kind: "current-password" | "new-password" | "off" }) {
  return (
    <PasswordInput
      label={label}
      required
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete={kind}
      visibilityToggleButtonProps={{ "aria-label": "Show it" }}
    />
  );
}

/** What a new thing of the portal is called, and by which ID it is known for good. */
export function NameAndId({ name, onName, id, onId }: { name: string; onName: (name: string) => void; id: string; onId: (id: string) => void }) {
  return (
    <>
      <TextInput label="Name" required value={name} onChange={(event) => onName(event.currentTarget.value)} autoFocus />
      <TextInput
        label="ID"
        description="Of this whole server, for good. Left empty, one is made."
        value={id}
        onChange={(event) => onId(event.currentTarget.value)}
        spellCheck={false}
      />
    </>
  );
}
