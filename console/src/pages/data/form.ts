// What a form holds, and what becomes of it as a body.
import type { Item } from "../../api/ask";
import type { ApiError } from "../../api/problem";
import type { Field } from "../../parts/listing/fields";

/** Texts of inputs, by field; booleans as they are. */
export type Draft = Record<string, string | boolean>;

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

/** The values that differ from what they were; where something cannot be read, why. */
export function changes(fields: Field[], item: Item | undefined, before: Draft, draft: Draft): { body: Item; problems: Record<string, string> } {
  const body: Item = {};
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const text = draft[field.name];
    // A switch that nobody touched says no: where a new thing must have an answer, that is one.
    const isAnswer = item === undefined && field.required && field.kind === "boolean";
    if (text === undefined || (text === before[field.name] && !isAnswer)) continue;
    try {
      const value = valued(field, text);
      const kept = leftOut(item?.[field.name], value);
      if (kept.length > 0) throw new Error(`Whatever is left out stays, for it is merged. Give null to empty: ${kept.join(", ")}.`);
      body[field.name] = value;
    } catch (error) {
      problems[field.name] = error instanceof Error ? error.message : String(error);
    }
  }
  return { body, problems };
}

/** The names that a former object has and the next one, at whatever depth, has not: a PATCH never takes names away (XP-4). */
function leftOut(former: unknown, next: unknown, above = ""): string[] {
  if (!isObject(former) || !isObject(next)) return [];
  return Object.entries(former).flatMap(([name, value]) =>
    name in next ? leftOut(value, next[name], `${above}${name}.`) : [`${above}${name}`],
  );
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
  return isJson(field) ? (JSON.parse(text) as unknown) : text;
}

/** The server's errors by the field that they are about; those of no field under "". */
export function byField(fields: Field[], errors: ApiError[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const error of errors) {
    const name = fields.find((field) => isAbout(error, field.name))?.name ?? "";
    found[name] = found[name] === undefined ? error.Message : `${found[name]} ${error.Message}`;
  }
  return found;
}

function isAbout({ Message, Data }: ApiError, name: string): boolean {
  const property = (Data as { Property?: unknown } | null | undefined)?.Property;
  if (typeof property === "string") return property === name || property.startsWith(`${name}.`) || property.startsWith(`${name}[`);
  return Message.split(/\W+/).includes(name);
}

/** What a PATCH makes of a value (RFC 7396): objects are merged, null takes a name away, anything else replaces. */
export function merged(value: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const base: Item = typeof value === "object" && value !== null && !Array.isArray(value) ? { ...(value as Item) } : {};
  for (const [name, part] of Object.entries(patch)) {
    if (part === null) delete base[name];
    else base[name] = merged(base[name], part);
  }
  return base;
}
