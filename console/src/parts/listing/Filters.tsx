import { Button, Group, Pill, Popover, Select, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import type { Field } from "./fields";
import { type Filter, type Operator, WORDS, needsValue, operatorsOf } from "./filters";
import classes from "./Listing.module.css";

interface Props {
  fields: Field[];
  filters: Filter[];
  onChange: (filters: Filter[]) => void;
}

/** The filters that hold, each to be taken away, and a way to add one: any field, xp's too, with any operator. */
export function Filters({ fields, filters, onChange }: Props) {
  return (
    <Group gap="xs">
      {filters.map((each, index) => (
        <Pill
          key={`${index}-${each.field}`}
          size="md"
          withRemoveButton
          removeButtonProps={{
            "aria-label": `Remove the filter ${each.field} ${WORDS[each.operator]} ${each.value}`,
            "aria-hidden": false,
            tabIndex: 0,
          }}
          onRemove={() => onChange(filters.filter((_, other) => other !== index))}
          className={classes.pill}
        >
          {each.field} {WORDS[each.operator]} {needsValue(each.operator) ? each.value : ""}
        </Pill>
      ))}
      <AddFilter fields={fields} onAdd={(filter) => onChange([...filters, filter])} />
    </Group>
  );
}

function AddFilter({ fields, onAdd }: { fields: Field[]; onAdd: (filter: Filter) => void }) {
  const [opened, { toggle, close }] = useDisclosure();
  const [name, setName] = useState<string | null>(null);
  const [path, setPath] = useState("");
  const [operator, setOperator] = useState<Operator>("is");
  const [value, setValue] = useState("");
  const field = fields.find((each) => each.name === name);
  const target = name === "xp" ? `xp.${path}` : (name ?? "");
  const operators = field === undefined ? [] : operatorsOf(field.kind, target);
  const chosen = operators.includes(operator) ? operator : operators[0];
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (field === undefined || chosen === undefined || (name === "xp" && path === "")) return;
    onAdd({ field: target, operator: chosen, value: needsValue(chosen) ? value : "" });
    setValue("");
    close();
  };
  return (
    <Popover opened={opened} onChange={close} position="bottom-start" trapFocus returnFocus shadow="md" width={300}>
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconFilter size={14} />} onClick={toggle} aria-expanded={opened}>
          Filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={add}>
          <Stack gap="xs">
            <Select
              label="Field"
              data={fields.map((each) => each.name)}
              value={name}
              onChange={setName}
              searchable
              comboboxProps={{ withinPortal: false }}
            />
            {name === "xp" && (
              <TextInput label="Path below xp" placeholder="Color" value={path} onChange={(event) => setPath(event.currentTarget.value)} />
            )}
            <Select
              label="Condition"
              data={operators.map((each) => ({ value: each, label: WORDS[each] }))}
              value={chosen ?? null}
              onChange={(each) => each && setOperator(each as Operator)}
              disabled={field === undefined}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
            />
            {chosen !== undefined && needsValue(chosen) && <Value field={field} operator={chosen} value={value} onChange={setValue} />}
            <Button type="submit" size="xs" disabled={field === undefined}>
              Add the filter
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

interface ValueProps {
  field: Field | undefined;
  operator: Operator;
  value: string;
  onChange: (value: string) => void;
}

function Value({ field, operator, value, onChange }: ValueProps) {
  const several = operator === "any" || operator === "none";
  const choices = field?.kind === "boolean" ? ["true", "false"] : field?.choices;
  if (choices !== undefined && !several) {
    return (
      <Select
        label="Value"
        data={choices.slice(0, 1000)}
        value={choices.includes(value) ? value : null}
        onChange={(each) => onChange(each ?? "")}
        searchable
        comboboxProps={{ withinPortal: false }}
      />
    );
  }
  return (
    <TextInput
      label="Value"
      {...(several && { description: "Several, with commas between them." })}
      placeholder={field?.kind === "date" ? "2026-03-01T10:00:00Z" : ""}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
