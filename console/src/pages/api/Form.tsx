import { ActionIcon, Autocomplete, Button, Fieldset, Group, MultiSelect, NumberInput, SegmentedControl, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { type Document, type Operation, type Parameter, choicesOf, resolved } from "../../api/document";
import { Choice, Choices } from "../../parts/Choice";
import { Prose } from "../../parts/Prose";
import { ReferencePicker } from "../../parts/ReferencePicker";
import { JsonEditor, Shut } from "../../parts/json/JsonEditor";
import { MomentInput } from "../../parts/MomentInput";
import classes from "./api.module.css";
import { Fields } from "./Field";
import { listOfParameter, listOfProperty } from "../../parts/references";
import type { Draft, Filter } from "./request";

interface FormProps extends Props {
  /** To be read only (CON-4). */
  shut: boolean;
}

interface Props {
  document: Document;
  operation: Operation;
  draft: Draft;
  onChange: (draft: Draft) => void;
  faults: Record<string, string>;
}

/** Directions of properties that are drawn at once. */
const MOST_SORTED = 200;

/** What is required of the body. */
export function requiredOf(operation: Operation): string[] {
  return operation.body?.schema.required ?? [];
}

/** The parameters, then the body by its fields or as one JSON text (CON-3). */
export function Form({ document, operation, draft, onChange, faults, shut }: FormProps) {
  const single = operation.parameters.filter(({ schema }) => schema.type !== "object");
  const takesFilters = operation.parameters.some(({ schema }) => schema.type === "object");
  const set = (name: string, value: string) => onChange({ ...draft, values: { ...draft.values, [name]: value } });
  return (
    <Shut value={shut}>
      <Fieldset variant="unstyled" disabled={shut} className={classes.form ?? ""}>
        <Stack gap="md">
          {(single.length > 0 || takesFilters) && (
            <Fieldset legend="Parameters">
              <Stack gap="sm">
                {single.map((parameter) => (
                  <ParameterField
                    key={parameter.name}
                    parameter={parameter}
                    document={document}
                    names={filterNames(document, operation)}
                    list={listOfParameter(document, operation, parameter.name, draft.values)}
                    value={draft.values[parameter.name] ?? ""}
                    onChange={(value) => set(parameter.name, value)}
                    error={faults[`:${parameter.name}`]}
                  />
                ))}
                {takesFilters && (
                  <Filters
                    names={filterNames(document, operation)}
                    filters={draft.filters}
                    onChange={(filters) => onChange({ ...draft, filters })}
                  />
                )}
              </Stack>
            </Fieldset>
          )}
          {operation.body && <Body document={document} operation={operation} draft={draft} onChange={onChange} faults={faults} />}
        </Stack>
      </Fieldset>
    </Shut>
  );
}

function Body({ document, operation, draft, onChange, faults }: Props) {
  if (operation.body === undefined) return null;
  const schema = resolved(document, operation.body.schema);
  const asText = draft.text !== undefined;
  const change = (mode: string) => {
    if (mode === "text") return onChange({ ...draft, text: JSON.stringify(draft.body, null, 2) });
    const { text, ...rest } = draft;
    try {
      const value: unknown = JSON.parse(text?.trim() || "{}");
      if (typeof value === "object" && value !== null) onChange({ ...rest, body: value as Record<string, unknown> });
    } catch {
      // Stays text until it is JSON; the editor says where it is not.
    }
  };
  const properties = schema.properties !== undefined && Object.keys(schema.properties).length > 0;
  return (
    <Fieldset legend="Body">
      <Stack gap="sm">
        {properties && !operation.body.form && (
          <SegmentedControl
            aria-label="The body as"
            size="xs"
            data={[
              { value: "fields", label: "Fields" },
              { value: "text", label: "JSON" },
            ]}
            value={asText ? "text" : "fields"}
            onChange={change}
          />
        )}
        {asText || !properties ? (
          <JsonEditor
            label="Body as JSON"
            value={draft.text ?? (Object.keys(draft.body).length > 0 ? JSON.stringify(draft.body, null, 2) : "")}
            onChange={(text) => onChange({ ...draft, text })}
            error={faults[""]}
            minLines={10}
          />
        ) : (
          <Fields
            document={document}
            schema={schema}
            required={requiredOf(operation)}
            value={draft.body}
            onChange={(body) => onChange({ ...draft, body })}
            listOf={(name) => listOfProperty(document, name, draft.values)}
            faults={faults}
          />
        )}
      </Stack>
    </Fieldset>
  );
}

interface ParameterProps {
  parameter: Parameter;
  document: Document;
  list: string | undefined;
  /** Properties of what a list answers. */
  names: string[];
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

function ParameterField({ parameter, document, list, names, value, onChange, error }: ParameterProps) {
  const schema = resolved(document, parameter.schema);
  const items = schema.items && resolved(document, schema.items);
  const common = { label: parameter.name, description: parameter.description && <Prose text={parameter.description} />, required: parameter.required === true, error };
  const several = choicesOf(items);
  if (several !== undefined) {
    const chosen = value ? value.split(",") : [];
    const set = (next: string[]) => onChange(next.join(","));
    return parameter.name === "sortBy" ? (
      <MultiSelect {...common} data={sortChoices(several)} value={chosen} onChange={set} searchable clearable limit={MOST_SORTED} />
    ) : (
      <Choices {...common} choices={several} value={chosen} onChange={set} clearable />
    );
  }
  if (schema.type === "array") {
    const choices = parameter.name === "sortBy" ? names.flatMap((name) => [name, `!${name}`]) : names;
    return (
      <TagsInput
        {...common}
        data={choices}
        value={value ? value.split(",") : []}
        onChange={(next) => onChange(next.join(","))}
        limit={100}
        clearable
      />
    );
  }
  const choices = choicesOf(schema);
  if (choices !== undefined) {
    return <Choice {...common} choices={choices} value={value || null} onChange={(next) => onChange(next ?? "")} clearable />;
  }
  if (schema.format === "date-time") {
    return <MomentInput {...common} value={value} onChange={onChange} />;
  }
  if (schema.type === "boolean") {
    return <Select {...common} data={["true", "false"]} value={value || null} onChange={(next) => onChange(next ?? "")} clearable />;
  }
  if (schema.type === "integer") {
    return (
      <NumberInput
        {...common}
        value={value}
        onChange={(next) => onChange(String(next))}
        allowDecimal={false}
        clampBehavior="none"
        {...(schema.default !== undefined && { placeholder: String(schema.default) })}
      />
    );
  }
  if (/ID$/.test(parameter.name)) return <ReferencePicker {...common} list={list} value={value} onChange={onChange} />;
  return <TextInput {...common} value={value} onChange={(event) => onChange(event.currentTarget.value)} autoComplete="off" />;
}

/** Each property with its two directions: "Name ↑" and "Name ↓" for Name and !Name. */
function sortChoices(names: string[]) {
  return names.map((name) => ({ value: name, label: name.startsWith("!") ? `${name.slice(1)} ↓` : `${name} ↑` }));
}

/** The properties of what a list answers; xp by what is typed. */
function filterNames(document: Document, operation: Operation): string[] {
  const items = operation.answer?.properties?.Items?.items;
  return items === undefined ? [] : Object.keys(resolved(document, items).properties ?? {});
}

interface FiltersProps {
  names: string[];
  filters: Filter[];
  onChange: (filters: Filter[]) => void;
}

function Filters({ names, filters, onChange }: FiltersProps) {
  const set = (index: number, filter: Filter) => onChange(filters.map((each, at) => (at === index ? filter : each)));
  return (
    <Stack gap={6}>
      <div>
        <Text size="sm" fw={600}>
          filters
        </Text>
        <Text size="xs" c="dimmed">
          By property: Smith*, !red|blue, &gt;2024-01-01
        </Text>
      </div>
      {filters.map((filter, index) => (
        <Group key={index} gap={6} wrap="nowrap">
          <Autocomplete
            aria-label={`Property of filter ${index + 1}`}
            placeholder="xp.Color"
            data={names}
            value={filter.name}
            onChange={(name) => set(index, { ...filter, name })}
            flex={1}
          />
          <TextInput
            aria-label={`Value of filter ${index + 1}`}
            value={filter.value}
            onChange={(event) => set(index, { ...filter, value: event.currentTarget.value })}
            flex={1}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove filter ${index + 1}`}
            onClick={() => onChange(filters.filter((_, at) => at !== index))}
          >
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: "flex-start" }}
        onClick={() => onChange([...filters, { name: "", value: "" }])}
      >
        Add a filter
      </Button>
    </Stack>
  );
}
