import { Button, Group, NumberInput, Stack, Switch, TagsInput, Text, TextInput, Textarea } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Item } from "../../api/ask";
import { byField, problemOf } from "../../api/problem";
import { Choice, Choices } from "../../parts/Choice";
import { ReferencePicker, ReferencesPicker } from "../../parts/ReferencePicker";
import { RoutesPicker, areRoutes } from "../../parts/RoutesPicker";
import { Trouble } from "../../parts/Trouble";
import { JsonEditor } from "../../parts/json/JsonEditor";
import type { Field } from "../../parts/listing/fields";
import { MomentInput } from "../../parts/MomentInput";
import type { Values } from "../../parts/references";
import { type Draft, changes, draftOf, inOrder, isJson, leftOutOf } from "./form";

interface Props {
  fields: Field[];
  /** What is there; none to make something new. */
  item?: Item;
  submit: string;
  /** gone: null for each name within objects that must not stay. */
  send: (body: Item, gone: Item) => Promise<void>;
  /** The list of the API that a field such as DefaultCatalogID is picked from; `values` as the form has them. */
  listOf: (name: string, values: Values) => string | undefined;
}

/** A field for each property; whatever is refused is told at its field. Only what was changed is sent. */
export function ItemForm({ fields, item, submit, send, listOf }: Props) {
  const own = inOrder(fields.filter((field) => !field.readOnly));
  const before = draftOf(own, item);
  const [draft, setDraft] = useState<Draft>(before);
  const [error, setError] = useState<unknown>();
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const refused = error === undefined ? {} : byField(own.map(({ name }) => name), problemOf(error).errors);
  const other = error !== undefined && (refused[""] !== undefined || Object.keys(refused).length === 0);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (error !== undefined || Object.keys(problems).length > 0) showFirst(form.current);
  }, [error, problems]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const { body, gone, problems: found } = changes(own, item, before, draft);
    setProblems(found);
    setError(undefined);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await send(body, gone);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const values = valuesOf(draft);
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
            list={field.name === "ID" ? undefined : listOf(field.name, values)}
            goes={field.kind === "object" ? leftOutOf(item?.[field.name], String(draft[field.name] ?? "")) : []}
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
  const first = form?.querySelector<HTMLElement>('[role="alert"], [aria-invalid="true"], [data-error="true"] [role="textbox"]');
  first?.scrollIntoView({ block: "center" });
  first?.focus({ preventScroll: true });
}

/** What lists are found by: buyerID for BuyerID. */
function valuesOf(draft: Draft): Values {
  return Object.fromEntries(
    Object.entries(draft).flatMap(([name, value]) =>
      typeof value === "string" && value !== "" && name.endsWith("ID") ? [[`${name.charAt(0).toLowerCase()}${name.slice(1)}`, value]] : [],
    ),
  );
}

interface InputProps {
  field: Field;
  value: string | boolean;
  onChange: (value: string | boolean) => void;
  error: string | undefined;
  list: string | undefined;
  /** Names that the object has now and would have no longer. */
  goes: string[];
}

/** Names that are told of those that go. */
const FEW = 20;

function Input({ field, value, onChange, error, list, goes }: InputProps) {
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
  if (field.kind === "list" && field.of !== undefined) {
    const chosen = chosenIn(text);
    const set = (next: string[]) => onChange(next.length === 0 && field.required ? "[]" : next.length === 0 ? "" : JSON.stringify(next));
    if (field.choices !== undefined) return <Choices {...common} choices={field.choices} value={chosen} onChange={set} clearable />;
    if (list !== undefined) return <ReferencesPicker {...common} list={list} value={chosen} onChange={set} />;
    return <TagsInput {...common} value={chosen} onChange={set} clearable />;
  }
  const routes = field.name === "WebhookRoutes" ? parsed(text) : undefined;
  if (areRoutes(routes)) {
    return <RoutesPicker label={field.name} required={field.required} error={error} value={routes} onChange={(next) => onChange(JSON.stringify(next))} />;
  }
  if (isJson(field)) {
    return (
      <div>
        <JsonEditor label={field.name} {...(field.about !== undefined && { description: field.about })} value={text} onChange={onChange} error={error} minLines={3} />
        {goes.length > 0 && (
          <Text size="xs" mt={4} className="any-text" role="status">
            Goes when it is saved: {goes.slice(0, FEW).join(", ")}
            {goes.length > FEW && ` and ${goes.length - FEW} more`}.
          </Text>
        )}
      </div>
    );
  }
  if (field.choices !== undefined) {
    return <Choice {...common} choices={field.choices} value={text || null} onChange={(each) => onChange(each ?? "")} clearable />;
  }
  if (field.kind === "number") {
    return <NumberInput {...common} value={text} onChange={(number) => onChange(String(number))} />;
  }
  if (field.kind === "date") {
    return <MomentInput {...common} value={text} onChange={onChange} />;
  }
  if (list !== undefined) return <ReferencePicker {...common} list={list} value={text} onChange={onChange} />;
  if ((field.longest ?? 0) > 500) {
    return <Textarea {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} autosize minRows={2} maxRows={8} dir="auto" />;
  }
  return <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} dir="auto" />;
}

function chosenIn(text: string): string[] {
  const found = parsed(text);
  return Array.isArray(found) ? found.map(String) : [];
}

/** An empty list for no text. */
function parsed(text: string): unknown {
  try {
    return text === "" ? [] : JSON.parse(text);
  } catch {
    return undefined;
  }
}
