import { type ReactNode, memo, useRef } from "react";
import type { Item } from "../../api/ask";
import { When } from "../When";
import { type Field, spell, valueAt } from "./fields";
import classes from "./Listing.module.css";

const LONGEST = 200;

export type Cells = Record<string, (item: Item) => ReactNode>;

interface Props {
  items: Item[];
  fields: Field[];
  columns: string[];
  idOf: (item: Item) => string;
  selected: Set<string> | undefined;
  onToggle: (id: string) => void;
  onOpen: ((item: Item) => void) | undefined;
  cells: Cells | undefined;
}

/** The rows of a table. Plain elements, and drawn only when they are others: a hundred rows are a thousand cells. */
export const Rows = memo(function Rows({ items, fields, columns, idOf, selected, onToggle, onOpen, cells }: Props) {
  const kinds = columns.map((name) => kindOf(fields, name));
  // Another one may have come to its place before the button is let go.
  const pressed = useRef<Item>(undefined);
  return (
    <tbody>
      {items.map((item, row) => {
        const id = idOf(item);
        return (
          // By its place: of the next page the same elements show other texts, which is half as much to do as new ones.
          <tr key={row} className={classes.row}>
            {selected !== undefined && (
              <td className={classes.choice}>
                <input type="checkbox" className={classes.box} aria-label={`Choose ${id}`} checked={selected.has(id)} onChange={() => onToggle(id)} />
              </td>
            )}
            {columns.map((name, column) => (
              <td key={name} className={kinds[column] === "number" ? `${classes.cell} ${classes.number}` : classes.cell} dir="auto">
                {column === 0 && onOpen !== undefined ? (
                  <button
                    type="button"
                    className={classes.open}
                    onPointerDown={() => {
                      pressed.current = item;
                    }}
                    onClick={({ detail }) => onOpen(detail === 0 ? item : (pressed.current ?? item))}
                    dir="auto"
                  >
                    {spell(valueAt(item, name)).slice(0, LONGEST) || "(no value)"}
                  </button>
                ) : (
                  (cells?.[name]?.(item) ?? <Cell kind={kinds[column]} value={valueAt(item, name)} />)
                )}
              </td>
            ))}
          </tr>
        );
      })}
    </tbody>
  );
});

function Cell({ kind, value }: { kind: Field["kind"] | undefined; value: unknown }) {
  if (value === null || value === undefined) {
    return (
      <span className={classes.nothing} aria-hidden>
        –
      </span>
    );
  }
  if (kind === "date" && typeof value === "string") return <When at={value} plain />;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  return <>{spell(value).slice(0, LONGEST)}</>;
}

export function kindOf(fields: Field[], name: string): Field["kind"] {
  return fields.find((field) => field.name === name)?.kind ?? "text";
}
