// Filters as the API's lists take them: how each is said, and how it is written (FLT-6).
import { type Document, type Schema, resolved } from "../../api/document";
import { type Field, type Kind, fieldOf } from "./fields";

export type Operator =
  | "is" | "not" | "begins" | "ends" | "contains" | "any" | "none"
  | "gt" | "ge" | "lt" | "le" | "there" | "empty" | "filled" | "blank";

export interface Filter {
  field: string;
  operator: Operator;
  value: string;
}

export const WORDS: Record<Operator, string> = {
  is: "is",
  not: "is not",
  begins: "begins with",
  ends: "ends with",
  contains: "contains",
  any: "is one of",
  none: "is none of",
  gt: "is more than",
  ge: "is at least",
  lt: "is less than",
  le: "is at most",
  there: "has a value",
  empty: "has no value",
  filled: "has a text",
  blank: "has no text",
};

const ALL = Object.keys(WORDS) as Operator[];
const ORDERED: Operator[] = ["is", "not", "gt", "ge", "lt", "le", "any", "none", "there", "empty"];
/** Whatever the server takes of each kind. */
const OPERATORS: Record<Kind, Operator[]> = {
  text: ALL,
  number: ORDERED,
  date: ORDERED,
  enum: ["is", "not", "any", "none", "begins", "ends", "contains", "gt", "ge", "lt", "le", "there", "empty"],
  boolean: ["is", "not", "there", "empty"],
  // Objects answer to nothing but whether they are there (FLT-8).
  object: ["there", "empty"],
  list: ["there", "empty"],
};

export function operatorsOf(kind: Kind, field: string): Operator[] {
  // Whatever xp holds, nobody has declared it.
  return isBelowXp(field) ? ALL : OPERATORS[kind];
}

export function isXp(field: string): boolean {
  return field === "xp" || field.endsWith(".xp");
}

function isBelowXp(field: string): boolean {
  return field.startsWith("xp.") || field.includes(".xp.");
}

/** What lists refuse to be filtered by: secrets, and what is worked out from the clock. */
const REFUSED = /(?:^|\.)(?:Password|ClientSecret|ConnectClientSecret|HashKey|SharedKey|CustomAuthHeaderValue)$/;
const OF_THE_CLOCK = /^IsOnSale$/;
/** Objects within objects within the item. */
const DEEPEST = 2;

/** What a list can be filtered by: its items' properties, those of objects in them, and of whatever is in their lists (FLT-1). */
export function filterable(document: Document, schema: Schema, above = "", depth = 0): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([part, raw]) => {
    const property = resolved(document, raw);
    const name = `${above}${part}`;
    if (REFUSED.test(name) || OF_THE_CLOCK.test(name)) return [];
    const items = property.type === "array" && property.items !== undefined ? resolved(document, property.items) : undefined;
    const inner = items ?? property;
    if (inner.properties === undefined) {
      // A list matches where any of its elements does.
      return [fieldOf(name, inner, false)];
    }
    const below = depth < DEEPEST ? filterable(document, inner, `${name}.`, depth + 1) : [];
    return [fieldOf(name, property, false), ...below];
  });
}

export function needsValue(operator: Operator): boolean {
  return operator !== "there" && operator !== "empty" && operator !== "filled" && operator !== "blank";
}

export function takesSeveral(operator: Operator): boolean {
  return operator === "any" || operator === "none";
}

/** The filter's values in the grammar of lists, all of which hold: `*`, `|`, `!` and signs of what was typed mean themselves. */
export function written({ operator, value }: Filter): string[] {
  const plain = literal(value);
  switch (operator) {
    case "is":
      return [plain];
    case "not":
      return [`!${plain}`];
    case "begins":
      return [`${plain}*`];
    case "ends":
      return [`*${plain}`];
    case "contains":
      return [`*${plain}*`];
    case "any":
      return [severalOf(value).map(literal).join("|")];
    case "none":
      // `!a|b` would be "not a, or b".
      return severalOf(value).map((each) => `!${literal(each)}`);
    case "gt":
      return [`>${plain}`];
    case "ge":
      return [`>=${plain}`];
    case "lt":
      return [`<${plain}`];
    case "le":
      return [`<=${plain}`];
    case "there":
      return ["*"];
    case "empty":
      return ["!*"];
    case "filled":
      return ["!"];
    case "blank":
      return [""];
  }
}

/** Several values as they are typed, with commas between them. */
export function severalOf(value: string): string[] {
  return value
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

/** A text that means itself within a filter. */
export function literal(value: string): string {
  return value.replace(/[|*!<>=\\]/g, "\\$&");
}

const APART = "\u001f";

/** A filter as the page's address has it. */
export function kept({ field, operator, value }: Filter): string {
  return [field, operator, value].join(APART);
}

export function readFilter(text: string): Filter | undefined {
  const [field, operator, value = ""] = text.split(APART);
  return field && operator && operator in WORDS ? { field, operator: operator as Operator, value } : undefined;
}
