import { Anchor, Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import classes from "./Json.module.css";

/** Where a value leads, as a path of the console. `keys`: from the root to the value. */
export type Leads = (keys: readonly (string | number)[], value: string) => string | undefined;

interface Props {
  value: unknown;
  leads?: Leads;
  /** Levels that are open from the start. */
  open?: number;
}

/** Entries of an object or array that are drawn at once, and letters of a text. */
const MOST_ENTRIES = 100;
const MOST_LETTERS = 1000;

/** JSON to fold and unfold. However large it is, only what is open is drawn, and of that a part at a time. */
export function Json({ value, leads, open = 3 }: Props) {
  return (
    <div className={classes.json} dir="ltr">
      <Value value={value} keys={[]} open={open} {...(leads && { leads })} />
    </div>
  );
}

interface ValueProps {
  value: unknown;
  keys: readonly (string | number)[];
  name?: ReactNode;
  leads?: Leads;
  open: number;
}

function Value({ value, keys, name, leads, open }: ValueProps) {
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    return <Branch value={value} keys={keys} open={open} name={name} {...(leads && { leads })} />;
  }
  const target = typeof value === "string" ? leads?.(keys, value) : undefined;
  return (
    <div className={classes.line}>
      {name}
      {target === undefined ? (
        <Leaf value={value} />
      ) : (
        <Anchor component={Link} to={target} inherit underline="always" className={classes.text}>
          {JSON.stringify(value)}
        </Anchor>
      )}
    </div>
  );
}

function Leaf({ value }: { value: unknown }) {
  const [all, setAll] = useState(false);
  if (typeof value === "object" && value !== null) return <span>{Array.isArray(value) ? "[]" : "{}"}</span>;
  const text = JSON.stringify(value) ?? "";
  const kind = value === null ? classes.nothing : typeof value === "string" ? classes.text : classes.plain;
  if (text.length <= MOST_LETTERS || all) return <span className={kind}>{text}</span>;
  return (
    <>
      <span className={kind}>{text.slice(0, MOST_LETTERS)}…</span>{" "}
      <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
        all {text.length.toLocaleString()} letters
      </Button>
    </>
  );
}

function Branch({ value, keys, name, leads, open }: ValueProps & { value: object }) {
  const [isOpen, setOpen] = useState(keys.length < open);
  const [shown, setShown] = useState(MOST_ENTRIES);
  const isList = Array.isArray(value);
  const names = Object.keys(value);
  const [begin, end] = isList ? ["[", "]"] : ["{", "}"];
  const told = `${names.length.toLocaleString()} ${isList ? "items" : "properties"}`;
  return (
    <div>
      <div className={classes.line}>
        <button
          type="button"
          className={classes.fold}
          aria-expanded={isOpen}
          aria-label={`${isOpen ? "Fold" : "Unfold"} ${keys.at(-1) ?? "all"}, ${told}`}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "▾" : "▸"}
        </button>
        {name}
        <span>{begin}</span>
        {!isOpen && (
          <span className={classes.nothing}>
            {" "}
            {told} {end}
          </span>
        )}
      </div>
      {isOpen && (
        <>
          <div className={classes.within}>
            {names.slice(0, shown).map((each) => (
              <Value
                key={each}
                value={(value as Record<string, unknown>)[each]}
                keys={[...keys, isList ? Number(each) : each]}
                open={open}
                {...(!isList && { name: <span className={classes.name}>{each}: </span> })}
                {...(leads && { leads })}
              />
            ))}
            {names.length > shown && (
              <Button size="compact-xs" variant="subtle" onClick={() => setShown(shown + 5 * MOST_ENTRIES)}>
                {(names.length - shown).toLocaleString()} more
              </Button>
            )}
          </div>
          <div>{end}</div>
        </>
      )}
    </div>
  );
}
