// Filters as the API's lists take them: how each is said, and how it is written.
import type { Kind } from "./fields";

export type Operator = "is" | "not" | "begins" | "ends" | "contains" | "any" | "none" | "gt" | "ge" | "lt" | "le" | "there" | "empty";

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
};

const ORDERED: Operator[] = ["is", "not", "gt", "ge", "lt", "le", "any", "none", "there", "empty"];
const OPERATORS: Record<Kind, Operator[]> = {
  text: ["is", "not", "begins", "ends", "contains", "any", "none", "gt", "lt", "there", "empty"],
  number: ORDERED,
  date: ORDERED,
  enum: ["is", "not", "any", "none", "there", "empty"],
  boolean: ["is", "not"],
  object: ["there", "empty"],
  list: ["is", "not", "any", "contains", "there", "empty"],
};

export function operatorsOf(kind: Kind, field: string): Operator[] {
  // Whatever xp holds, nobody has declared it.
  return field.startsWith("xp.") ? (Object.keys(WORDS) as Operator[]) : OPERATORS[kind];
}

export function needsValue(operator: Operator): boolean {
  return operator !== "there" && operator !== "empty";
}

/** The filter's value in the grammar of lists: `*`, `|`, `!` and signs of what was typed mean themselves. */
export function written({ operator, value }: Filter): string {
  const plain = literal(value);
  switch (operator) {
    case "is":
      return plain;
    case "not":
      return `!${plain}`;
    case "begins":
      return `${plain}*`;
    case "ends":
      return `*${plain}`;
    case "contains":
      return `*${plain}*`;
    case "any":
      return alternatives(value).join("|");
    case "none":
      return `!${alternatives(value).join("|")}`;
    case "gt":
      return `>${plain}`;
    case "ge":
      return `>=${plain}`;
    case "lt":
      return `<${plain}`;
    case "le":
      return `<=${plain}`;
    case "there":
      return "*";
    case "empty":
      return "!*";
  }
}

function alternatives(value: string): string[] {
  return value
    .split(",")
    .map((each) => literal(each.trim()))
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
