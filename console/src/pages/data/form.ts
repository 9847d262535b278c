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
  /** The values that differ from what they were. */
  body: Item;
  /** Names within them that are no longer there. A PATCH keeps such names (XP-4): the whole has to be written anew. */
  removed: string[];
  /** Where something cannot be read, why. */
  problems: Record<string, string>;
}

export function changes(fields: Field[], item: Item | undefined, before: Draft, draft: Draft): Changes {
  const body: Item = {};
  const problems: Record<string, string> = {};
  const removed: string[] = [];
  for (const field of fields) {
    const text = draft[field.name];
    // A switch that nobody touched says no: where a new thing must have an answer, that is one.
    const isAnswer = item === undefined && field.required && field.kind === "boolean";
    if (text === undefined || (text === before[field.name] && !isAnswer)) continue;
    try {
      const value = valued(field, text);
      removed.push(...leftOut(item?.[field.name], value, `${field.name}.`));
      body[field.name] = value;
    } catch (error) {
      problems[field.name] = error instanceof Error ? error.message : String(error);
    }
  }
  return { body, removed, problems };
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

/** What replaces a thing by a PUT: all that can be written of it, with the changes. What it has not is left out. */
export function wholeOf(fields: Field[], item: Item, body: Item): Item {
  const next = { ...item, ...body };
  const names = fields.filter(({ readOnly }) => !readOnly).map(({ name }) => name);
  return Object.fromEntries(names.flatMap((name) => (next[name] == null ? [] : [[name, next[name]]])));
}

/** The names of what was changed here that is not what it was any more when the form began: to write it would undo somebody else's change. */
export function overtaken(item: Item, now: Item, body: Item): string[] {
  return Object.keys(body).filter((name) => JSON.stringify(item[name]) !== JSON.stringify(now[name]));
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
