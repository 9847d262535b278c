import { Checkbox, Table, Text, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconArrowsSort } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Item } from "../../api/ask";
import { When } from "../When";
import { type Field, spell, valueAt } from "./fields";
import classes from "./Listing.module.css";

const LONGEST = 200;

export type Cells = Record<string, (item: Item) => ReactNode>;

interface Props {
  label: string;
  items: Item[];
  fields: Field[];
  columns: string[];
  sort: string;
  sortable: Set<string> | undefined;
  onSort: (sort: string) => void;
  onOpen?: ((item: Item) => void) | undefined;
  idOf: (item: Item) => string;
  selected?: Set<string> | undefined;
  onSelect?: ((selected: Set<string>) => void) | undefined;
  cells?: Cells | undefined;
  busy: boolean;
}

/** Items as a table. The first column opens an item; heads sort; boxes choose. */
export function ItemTable(props: Props) {
  const { items, columns, onOpen, idOf, selected, onSelect } = props;
  const all = selected !== undefined && items.length > 0 && items.every((item) => selected.has(idOf(item)));
  return (
    <div className={classes.frame} tabIndex={0} role="region" aria-label={props.label}>
      <Table highlightOnHover verticalSpacing={6} aria-busy={props.busy} className={props.busy ? classes.busy : undefined}>
        <Table.Thead>
          <Table.Tr>
            {selected !== undefined && onSelect !== undefined && (
              <Table.Th w={36}>
                <Checkbox
                  size="xs"
                  aria-label="Choose all of this page"
                  checked={all}
                  onChange={() => onSelect(all ? new Set() : new Set(items.map(idOf)))}
                />
              </Table.Th>
            )}
            {columns.map((name) => (
              <Head key={name} name={name} {...props} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item, row) => (
            <Table.Tr key={`${idOf(item)} ${row}`}>
              {selected !== undefined && onSelect !== undefined && (
                <Table.Td>
                  <Checkbox
                    size="xs"
                    aria-label={`Choose ${idOf(item)}`}
                    checked={selected.has(idOf(item))}
                    onChange={() => onSelect(toggled(selected, idOf(item)))}
                  />
                </Table.Td>
              )}
              {columns.map((name, column) => (
                <Table.Td key={name} className={`${classes.cell} ${kindOf(props.fields, name) === "number" ? classes.number : ""}`} dir="auto">
                  {column === 0 && onOpen !== undefined ? (
                    <UnstyledButton fz="sm" className={classes.open} onClick={() => onOpen(item)} dir="auto">
                      {spell(valueAt(item, name)).slice(0, LONGEST) || "(no value)"}
                    </UnstyledButton>
                  ) : (
                    (props.cells?.[name]?.(item) ?? <Cell kind={kindOf(props.fields, name)} value={valueAt(item, name)} />)
                  )}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {items.length === 0 && !props.busy && (
        <Text c="dimmed" ta="center" py="xl" size="sm">
          Nothing is here that fits.
        </Text>
      )}
    </div>
  );
}

function Head({ name, sort, sortable, onSort, fields }: Props & { name: string }) {
  const can = sortable === undefined ? !name.includes(".") || name.startsWith("xp.") : sortable.has(name);
  const direction = sort === name ? "ascending" : sort === `!${name}` ? "descending" : undefined;
  const Icon = direction === "ascending" ? IconArrowUp : direction === "descending" ? IconArrowDown : IconArrowsSort;
  return (
    <Table.Th {...(direction && { "aria-sort": direction })} className={kindOf(fields, name) === "number" ? classes.number : undefined}>
      {can ? (
        <UnstyledButton
          fz="sm"
          className={classes.sort}
          onClick={() => onSort(direction === "ascending" ? `!${name}` : direction === "descending" ? "" : name)}
        >
          {name}
          <Icon size={13} aria-hidden opacity={direction ? 1 : 0.4} />
        </UnstyledButton>
      ) : (
        <span className={classes.sort}>{name}</span>
      )}
    </Table.Th>
  );
}

function Cell({ kind, value }: { kind: Field["kind"]; value: unknown }) {
  if (value === null || value === undefined) {
    return (
      <Text span c="dimmed" size="sm" aria-hidden>
        –
      </Text>
    );
  }
  if (kind === "date" && typeof value === "string") return <When at={value} />;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  return <>{spell(value).slice(0, LONGEST)}</>;
}

function kindOf(fields: Field[], name: string): Field["kind"] {
  return fields.find((field) => field.name === name)?.kind ?? "text";
}

function toggled(selected: Set<string>, id: string): Set<string> {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
}
