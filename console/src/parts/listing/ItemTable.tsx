import { Checkbox, Table, Text, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconArrowsSort } from "@tabler/icons-react";
import { useCallback, useLayoutEffect, useMemo, useRef } from "react";
import type { Item } from "../../api/ask";
import { type Cells, Rows, kindOf } from "./Rows";
import type { Field } from "./fields";
import classes from "./Listing.module.css";

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
  /** Something was asked for, so that there may be more. */
  narrowed: boolean;
}

/** Items as a table. The first column opens an item; heads sort; boxes choose. */
export function ItemTable(props: Props) {
  const { items, onOpen, idOf, selected, onSelect } = props;
  const names = props.columns.join();
  const columns = useMemo(() => names.split(","), [names]);
  // What the rows are given stays the same from one drawing to the next, so that they are drawn once for each page.
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  const open = useCallback((item: Item) => latest.current.onOpen?.(item), []);
  const toggle = useCallback((id: string) => {
    const { selected: chosen, onSelect: choose } = latest.current;
    if (chosen !== undefined) choose?.(toggled(chosen, id));
  }, []);
  const all = selected !== undefined && items.length > 0 && items.every((item) => selected.has(idOf(item)));
  return (
    <div className={classes.frame} tabIndex={0} role="region" aria-label={props.label}>
      <Table verticalSpacing={6} aria-busy={props.busy} className={props.busy ? classes.busy : undefined}>
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
        <Rows
          items={items}
          fields={props.fields}
          columns={columns}
          idOf={idOf}
          selected={onSelect === undefined ? undefined : selected}
          onToggle={toggle}
          onOpen={onOpen === undefined ? undefined : open}
          cells={props.cells}
        />
      </Table>
      {items.length === 0 && !props.busy && (
        <Text c="dimmed" ta="center" py="xl" size="sm">
          {props.narrowed ? "Nothing is here that fits." : "Nothing is here yet."}
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

function toggled(selected: Set<string>, id: string): Set<string> {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
}
