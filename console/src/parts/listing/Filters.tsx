import { Button, Group, Pill, Popover, Select, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { type FormEvent, memo, useState } from "react";
import { Choice, Choices } from "../Choice";
import { ReferencePicker } from "../ReferencePicker";
import { MomentInput } from "../MomentInput";
import type { Field } from "./fields";
import { type Filter, type Operator, WORDS, isXp, needsValue, operatorsOf, severalOf, takesSeveral } from "./filters";
import classes from "./Listing.module.css";

interface Props {
  fields: Field[];
  filters: Filter[];
  onChange: (filters: Filter[]) => void;
  /** The list that a field such as CatalogID is picked from. */
  listOf: (field: string) => string | undefined;
}

/** The filters that hold, each to be taken away, and a way to add one: any field, xp's too, with any operator. */
export const Filters = memo(function Filters({ fields, filters, onChange, listOf }: Props) {
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
      <AddFilter fields={fields} listOf={listOf} onAdd={(filter) => onChange([...filters, filter])} />
    </Group>
  );
});

interface AddProps {
  fields: Field[];
  listOf: (field: string) => string | undefined;
  onAdd: (filter: Filter) => void;
}

function AddFilter({ fields, listOf, onAdd }: AddProps) {
  const [opened, { toggle, close }] = useDisclosure();
  const [name, setName] = useState<string | null>(null);
  const [path, setPath] = useState("");
  const [operator, setOperator] = useState<Operator>("is");
  const [value, setValue] = useState("");
  const field = fields.find((each) => each.name === name);
  const ofXp = name !== null && isXp(name);
  const target = ofXp && path !== "" ? `${name}.${path}` : (name ?? "");
  const operators = field === undefined ? [] : operatorsOf(field.kind, target);
  const chosen = operators.includes(operator) ? operator : operators[0];
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (field === undefined || chosen === undefined) return;
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
            <Choice
              label="Field"
              choices={fields.map((each) => each.name)}
              value={name}
              onChange={(each) => {
                setName(each);
                setValue("");
              }}
              comboboxProps={{ withinPortal: false }}
            />
            {ofXp && (
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
            {field !== undefined && chosen !== undefined && needsValue(chosen) && (
              <Value field={ofXp ? { ...field, kind: "text" } : field} operator={chosen} value={value} onChange={setValue} list={listOf(target)} />
            )}
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
  field: Field;
  operator: Operator;
  value: string;
  onChange: (value: string) => void;
  list: string | undefined;
}

const EXACT: Operator[] = ["is", "not"];

/** A menu, a moment or a reference where the field has one, else a text. */
function Value({ field, operator, value, onChange, list }: ValueProps) {
  const choices = field.kind === "boolean" ? ["true", "false"] : field.choices;
  const inside = { comboboxProps: { withinPortal: false } };
  if (choices !== undefined && takesSeveral(operator)) {
    return <Choices label="Value" choices={choices} value={severalOf(value)} onChange={(each) => onChange(each.join(","))} {...inside} />;
  }
  if (choices !== undefined && !["begins", "ends", "contains"].includes(operator)) {
    return <Choice label="Value" choices={choices} value={choices.includes(value) ? value : null} onChange={(each) => onChange(each ?? "")} {...inside} />;
  }
  if (field.kind === "date" && !takesSeveral(operator)) {
    return <MomentInput label="Value" value={value} onChange={onChange} />;
  }
  if (list !== undefined && EXACT.includes(operator)) {
    return <ReferencePicker label="Value" list={list} value={value} onChange={onChange} {...inside} />;
  }
  return (
    <TextInput
      label="Value"
      {...(takesSeveral(operator) && { description: "Several, with commas between them." })}
      {...(field.kind === "number" && { inputMode: "decimal" as const })}
      {...(field.kind === "date" && { placeholder: "2026-03-01T10:00:00Z" })}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
