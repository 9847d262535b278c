import { Button, Group, JsonInput, NumberInput, Select, Stack, Switch, TextInput, Textarea } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Trouble } from "../../parts/Trouble";
import type { Item } from "../../api/ask";
import { problemOf } from "../../api/problem";
import type { Field } from "../../parts/listing/fields";
import { type Draft, byField, changes, draftOf, isJson } from "./form";

interface Props {
  fields: Field[];
  /** What is there; none to make something new. */
  item?: Item;
  submit: string;
  send: (body: Item) => Promise<void>;
}

/** A field for each property; whatever is refused is told at its field. Only what was changed is sent. */
export function ItemForm({ fields, item, submit, send }: Props) {
  const own = fields.filter((field) => !field.readOnly);
  const before = draftOf(own, item);
  const [draft, setDraft] = useState<Draft>(before);
  const [error, setError] = useState<unknown>();
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const refused = error === undefined ? {} : byField(own, problemOf(error).errors);
  const other = error !== undefined && (refused[""] !== undefined || Object.keys(refused).length === 0);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (error !== undefined || Object.keys(problems).length > 0) showFirst(form.current);
  }, [error, problems]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const { body, problems: found } = changes(own, item, before, draft);
    setProblems(found);
    setError(undefined);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await send(body);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <form ref={form} onSubmit={(event) => void save(event)} noValidate>
      <Stack gap="sm">
        {other && <Trouble error={error} />}
        {own.map((field) => (
          <Input
            key={field.name}
            field={field}
            value={draft[field.name] ?? ""}
            onChange={(value) => setDraft((former) => ({ ...former, [field.name]: value }))}
            error={problems[field.name] ?? refused[field.name]}
          />
        ))}
        <Group>
          <Button type="submit" loading={busy}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The form is longer than the window, and its button is at the end. */
function showFirst(form: HTMLFormElement | null): void {
  const first = form?.querySelector<HTMLElement>('[role="alert"], [aria-invalid="true"]');
  first?.scrollIntoView({ block: "center" });
  first?.focus({ preventScroll: true });
}

interface InputProps {
  field: Field;
  value: string | boolean;
  onChange: (value: string | boolean) => void;
  error: string | undefined;
}

function Input({ field, value, onChange, error }: InputProps) {
  const common = {
    label: field.name,
    error,
    required: field.required,
    ...(field.about !== undefined && { description: field.about }),
  };
  if (field.kind === "boolean") {
    return <Switch {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  }
  const text = String(value);
  if (isJson(field)) {
    // Not formatted when it is left: it would grow, and the button move away from under the pointer that presses it.
    return <JsonInput {...common} value={text} onChange={onChange} autosize minRows={2} maxRows={14} validationError="This is no JSON." />;
  }
  if (field.choices !== undefined) {
    return <Select {...common} data={field.choices.slice(0, 1000)} value={text || null} onChange={(each) => onChange(each ?? "")} searchable clearable />;
  }
  if (field.kind === "number") {
    return <NumberInput {...common} value={text} onChange={(number) => onChange(String(number))} hideControls />;
  }
  if ((field.longest ?? 0) > 500) {
    return <Textarea {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} autosize minRows={2} maxRows={8} dir="auto" />;
  }
  return <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} dir="auto" />;
}
