import { Fieldset, NumberInput, PasswordInput, Select, Stack, TagsInput, TextInput, Textarea } from "@mantine/core";
import { useState } from "react";
import { type Document, type Schema, choicesOf, resolved } from "../../api/document";
import { Choice, Choices } from "../../parts/Choice";
import { ReferencePicker, ReferencesPicker } from "../../parts/ReferencePicker";
import { RoutesPicker, areRoutes } from "../../parts/RoutesPicker";
import { JsonEditor } from "../../parts/json/JsonEditor";
import { MomentInput } from "../../parts/MomentInput";
import { Rows, within } from "./Rows";

export interface Surroundings {
  document: Document;
  /** The list of the API that a name such as buyerID is picked from. */
  listOf: (name: string) => string | undefined;
  /** What is wrong, by the name of the field. */
  faults: Record<string, string>;
}

interface Props extends Surroundings {
  name: string;
  schema: Schema;
  required?: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** Letters from which on a text has several lines. */
const LONG = 300;

/** The field of a property, by its schema. `undefined` is what is not sent; 0 and false are values like others. */
export function Field(props: Props) {
  const { name, value, onChange, document, faults, required = false } = props;
  const schema = resolved(document, props.schema);
  const common = { label: name, required, error: faults[name], description: schema.description ?? limits(schema) };
  const text = value == null ? "" : String(value);
  const setText = (next: string) => onChange(next === "" ? undefined : next);
  const choices = choicesOf(schema);
  if (choices !== undefined) {
    return <Choice {...common} choices={choices} value={text || null} onChange={(next) => onChange(next ?? undefined)} clearable />;
  }
  switch (schema.type) {
    case "boolean":
      return (
        <Select
          {...common}
          data={["true", "false"]}
          placeholder="not sent"
          value={typeof value === "boolean" ? String(value) : null}
          onChange={(next) => onChange(next === null ? undefined : next === "true")}
          clearable
        />
      );
    case "integer":
    case "number":
      return (
        <NumberInput
          {...common}
          value={typeof value === "number" || typeof value === "string" ? value : ""}
          onChange={(next) => onChange(next === "" ? undefined : next)}
          allowDecimal={schema.type === "number"}
          clampBehavior="none"
          {...(schema.default !== undefined && { placeholder: String(schema.default) })}
        />
      );
    case "array":
      return <Several {...props} required={required} schema={schema} common={common} />;
    case "object":
      return schema.properties === undefined ? (
        <JsonField label={name} value={value} onChange={onChange} error={faults[name]} />
      ) : (
        <Nested {...props} schema={schema} />
      );
    case undefined:
      return <JsonField label={name} value={value} onChange={onChange} error={faults[name]} />;
    default:
      break;
  }
  if (schema.format === "date-time") {
    return <MomentInput {...common} value={text} onChange={setText} />;
  }
  if (schema.format === "password") {
    return (
      <PasswordInput
        {...common}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ "aria-label": `Show ${name}` }}
      />
    );
  }
  const list = name === "ID" ? undefined : props.listOf(name);
  if (list !== undefined) return <ReferencePicker {...common} list={list} value={text} onChange={setText} />;
  if ((schema.maxLength ?? 0) >= LONG) {
    return (
      <Textarea {...common} autosize maxRows={8} value={text} onChange={(event) => setText(event.currentTarget.value)} />
    );
  }
  return <TextInput {...common} value={text} onChange={(event) => setText(event.currentTarget.value)} autoComplete="off" />;
}

function limits(schema: Schema): string | undefined {
  if (schema.minimum !== undefined && schema.maximum !== undefined) return `${schema.minimum} to ${schema.maximum}`;
  if (schema.minimum !== undefined) return `At least ${schema.minimum}`;
  if (schema.maximum !== undefined) return `At most ${schema.maximum}`;
  return undefined;
}

interface SeveralProps extends Props {
  schema: Schema;
  required: boolean;
  common: { label: string; required: boolean; error: string | undefined; description: string | undefined };
}

/** Roles, operations and other choices from a menu, IDs from their list, texts as tags, objects by their fields; the rest as JSON. */
function Several({ schema, value, onChange, common, ...others }: SeveralProps) {
  const { document, name, faults } = others;
  const items = schema.items === undefined ? {} : resolved(document, schema.items);
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const set = (next: string[]) => onChange(next.length === 0 ? undefined : next);
  const choices = choicesOf(items);
  if (choices !== undefined) return <Choices {...common} choices={choices} value={chosen} onChange={set} clearable />;
  if (items.type === "string") {
    const list = others.listOf(name);
    if (list !== undefined) return <ReferencesPicker {...common} list={list} value={chosen} onChange={set} />;
    return <TagsInput {...common} value={chosen} onChange={set} clearable />;
  }
  if (items.name === "WebhookRoute" && (value === undefined || areRoutes(value))) {
    return <RoutesPicker label={name} required={common.required} error={common.error} value={value ?? []} onChange={(next) => onChange(next.length === 0 ? undefined : next)} />;
  }
  if (items.properties !== undefined) return <Rows {...others} schema={items} value={value} onChange={onChange} />;
  return <JsonField label={name} value={value} onChange={onChange} error={faults[name]} />;
}

/** The properties of an object within the body. */
function Nested({ name, schema, value, onChange, required, faults, ...surroundings }: Props & { schema: Schema }) {
  const object = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return (
    <Fieldset legend={`${name}${required ? " *" : ""}`} variant="default">
      <Stack gap="sm">
        <Fields
          {...surroundings}
          faults={within(faults, `${name}.`)}
          schema={schema}
          required={[]}
          value={object}
          onChange={(next) => onChange(Object.keys(next).length === 0 ? undefined : next)}
        />
      </Stack>
    </Fieldset>
  );
}

interface FieldsProps extends Surroundings {
  schema: Schema;
  required: string[];
  value: Record<string, unknown>;
  onChange: (value: Record<string, unknown>) => void;
}

/** One field for each property that can be written; the required ones first. */
export function Fields({ schema, required, value, onChange, ...surroundings }: FieldsProps) {
  const names = Object.entries(schema.properties ?? {}).filter(([, each]) => !each.readOnly);
  const sorted = [...names.filter(([name]) => required.includes(name)), ...names.filter(([name]) => !required.includes(name))];
  return sorted.map(([name, each]) => (
    <Field
      key={name}
      {...surroundings}
      name={name}
      schema={each}
      required={required.includes(name)}
      value={value[name]}
      onChange={(next) => {
        const { [name]: _, ...others } = value;
        onChange(next === undefined ? others : { ...others, [name]: next });
      }}
    />
  ));
}

/** A part of the body as JSON; kept as it was typed until it is JSON. */
function JsonField({ label, value, onChange, error }: { label: string; value: unknown; onChange: (value: unknown) => void; error: string | undefined }) {
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  const [wrong, setWrong] = useState<string>();
  return (
    <JsonEditor
      label={label}
      value={text}
      minLines={3}
      error={wrong ?? error}
      onChange={(next) => {
        setText(next);
        try {
          onChange(next.trim() === "" ? undefined : JSON.parse(next));
          setWrong(undefined);
        } catch {
          setWrong("This is no JSON yet, and is not sent");
          onChange(undefined);
        }
      }}
    />
  );
}
