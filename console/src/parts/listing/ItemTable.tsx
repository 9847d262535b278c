import { Checkbox, Table, Text, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconArrowsSort } from "@tabler/icons-react";
import { memo, useMemo } from "react";
import type { Item } from "../../api/ask";
import { Wide } from "../Wide";
import { useSteady } from "../steady";
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
  const open = useSteady((item: Item) => onOpen?.(item));
  const toggle = useSteady((id: string) => {
    if (selected !== undefined) onSelect?.(toggled(selected, id));
  });
  const sort = useSteady(props.onSort);
  const all = selected !== undefined && items.length > 0 && items.every((item) => selected.has(idOf(item)));
  return (
    <div className={classes.frame}>
      <Wide label={props.label}>
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
                <Head
                  key={name}
                  name={name}
                  direction={props.sort === name ? "ascending" : props.sort === `!${name}` ? "descending" : undefined}
                  sorts={props.sortable === undefined ? !name.includes(".") || name.startsWith("xp.") : props.sortable.has(name)}
                  isNumber={kindOf(props.fields, name) === "number"}
                  onSort={sort}
                />
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
      </Wide>
    </div>
  );
}

interface HeadProps {
  name: string;
  direction: "ascending" | "descending" | undefined;
  /** Whether the list sorts by it. */
  sorts: boolean;
  isNumber: boolean;
  onSort: (sort: string) => void;
}

const Head = memo(function Head({ name, direction, sorts, isNumber, onSort }: HeadProps) {
  const Icon = direction === "ascending" ? IconArrowUp : direction === "descending" ? IconArrowDown : IconArrowsSort;
  return (
    <Table.Th {...(direction && { "aria-sort": direction })} className={isNumber ? classes.number : undefined}>
      {sorts ? (
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
});

function toggled(selected: Set<string>, id: string): Set<string> {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
}
