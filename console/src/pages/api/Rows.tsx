import { Button, Fieldset, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { Schema } from "../../api/document";
import { Fields, type Surroundings } from "./Field";

interface Props extends Surroundings {
  name: string;
  /** Of one row. */
  schema: Schema;
  required: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** A list of objects, such as PriceBreaks: the fields of each, to be added and taken away. */
export function Rows({ name, schema, required, value, onChange, faults, ...surroundings }: Props) {
  const rows = Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
  const set = (next: Record<string, unknown>[]) => onChange(next.length === 0 ? undefined : next);
  return (
    <Fieldset legend={`${name}${required ? " *" : ""}`} variant="default">
      <Stack gap="sm" align="stretch">
        {faults[name] !== undefined && (
          <Text size="xs" c="red">
            {faults[name]}
          </Text>
        )}
        {rows.map((row, index) => (
          <Fieldset key={index} legend={`${name} ${index + 1}`} variant="filled">
            <Stack gap="sm">
              <Fields
                {...surroundings}
                faults={within(faults, `${name}[${index}].`)}
                schema={schema}
                required={schema.required ?? []}
                value={row}
                onChange={(next) => set(rows.map((each, at) => (at === index ? next : each)))}
              />
              <Button size="compact-sm" variant="subtle" color="gray" style={{ alignSelf: "flex-start" }} onClick={() => set(rows.filter((_, at) => at !== index))}>
                Remove {name} {index + 1}
              </Button>
            </Stack>
          </Fieldset>
        ))}
        <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} style={{ alignSelf: "flex-start" }} onClick={() => set([...rows, {}])}>
          Add to {name}
        </Button>
      </Stack>
    </Fieldset>
  );
}

/** The faults of what begins so, by what follows. */
export function within(faults: Record<string, string>, start: string): Record<string, string> {
  return Object.fromEntries(Object.entries(faults).flatMap(([at, told]) => (at.startsWith(start) ? [[at.slice(start.length), told]] : [])));
}
