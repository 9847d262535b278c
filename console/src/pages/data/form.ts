// What a form holds, and what becomes of it as a body.
import type { Item } from "../../api/ask";
import type { Field } from "../../parts/listing/fields";

/** Texts of inputs, by field; booleans as they are. */
export type Draft = Record<string, string | boolean>;

/** ID and Name first, which tell what it is; the rest as the document has it. */
export function inOrder(fields: Field[]): Field[] {
  const first = ["ID", "Name"].flatMap((name) => fields.filter((field) => field.name === name));
  return [...first, ...fields.filter((field) => !first.includes(field))];
}

export function draftOf(fields: Field[], item: Item | undefined): Draft {
  return Object.fromEntries(fields.map((field) => [field.name, drafted(field, item?.[field.name])]));
}

function drafted(field: Field, value: unknown): string | boolean {
  if (field.kind === "boolean") return value === true;
  if (value === null || value === undefined) return "";
  return isJson(field) ? JSON.stringify(value, null, 2) : String(value);
}

export function isJson(field: Field): boolean {
  return field.kind === "object" || field.kind === "list";
}

export interface Changes {
  /** The values that differ from what they were; of objects the names within them that do. */
  body: Item;
  /** Null for each name within them that is no longer there. A PATCH keeps those it does not name (XP-4). */
  gone: Item;
  /** Where something cannot be read, why. */
  problems: Record<string, string>;
}

export function changes(fields: Field[], item: Item | undefined, before: Draft, draft: Draft): Changes {
  const body: Item = {};
  const problems: Record<string, string> = {};
  const gone: Item = {};
  for (const field of fields) {
    const text = draft[field.name];
    // A switch that nobody touched says no: where a new thing must have an answer, that is one.
    const isAnswer = item === undefined && field.required && field.kind === "boolean";
    if (text === undefined || (text === before[field.name] && !isAnswer)) continue;
    try {
      const value = valued(field, text);
      const former = item?.[field.name];
      if (isObject(former) && isObject(value)) {
        put(body, field.name, changedIn(former, value));
        put(gone, field.name, goneIn(former, value));
      } else body[field.name] = value;
    } catch (error) {
      problems[field.name] = error instanceof Error ? error.message : String(error);
    }
  }
  return { body, gone, problems };
}

/** The names that a former object has and the next one, at whatever depth, has not. */
export function leftOut(former: unknown, next: unknown, above = ""): string[] {
  if (!isObject(former) || !isObject(next)) return [];
  return Object.entries(former).flatMap(([name, value]) =>
    name in next ? leftOut(value, next[name], `${above}${name}.`) : [`${above}${name}`],
  );
}

/** The same of a text that is being typed; none while it is no JSON. */
export function leftOutOf(former: unknown, text: string): string[] {
  try {
    return leftOut(former, JSON.parse(text));
  } catch {
    return [];
  }
}

/** What a PATCH has to say so that an object has what the next one has. */
function changedIn(former: Item, next: Item): Item {
  const found: Item = {};
  for (const [name, value] of Object.entries(next)) {
    const before = former[name];
    if (isObject(before) && isObject(value)) put(found, name, changedIn(before, value));
    else if (!(name in former) || JSON.stringify(before) !== JSON.stringify(value)) found[name] = value;
  }
  return found;
}

/** Null for what the next object has no longer. */
function goneIn(former: Item, next: Item): Item {
  const found: Item = {};
  for (const [name, before] of Object.entries(former)) {
    const value = next[name];
    if (!(name in next)) found[name] = null;
    else if (isObject(before) && isObject(value)) put(found, name, goneIn(before, value));
  }
  return found;
}

function put(into: Item, name: string, part: Item): void {
  if (!isEmpty(part)) into[name] = part;
}

export function isEmpty(item: Item): boolean {
  return Object.keys(item).length === 0;
}

function isObject(value: unknown): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valued(field: Field, text: string | boolean): unknown {
  if (typeof text === "boolean") return text;
  if (text.trim() === "") return field.kind === "text" && field.required ? "" : null;
  if (field.kind === "number") {
    const number = Number(text);
    if (Number.isNaN(number)) throw new Error("Not a number.");
    return number;
  }
  if (!isJson(field)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error("This is no JSON.");
  }
}

/** What a PATCH makes of a value (XP-4): objects are merged, anything else replaces. */
export function merged(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const base: Item = isObject(value) ? { ...value } : {};
  for (const [name, part] of Object.entries(patch)) base[name] = merged(base[name], part);
  return base;
}
