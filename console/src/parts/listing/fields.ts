// What a list's items are made of, by the schema of the document.
import { type Document, type Operation, type Schema, choicesOf, resolved } from "../../api/document";

export type Kind = "text" | "number" | "boolean" | "date" | "enum" | "object" | "list";

export interface Field {
  /** With a dot before what is within an object. */
  name: string;
  kind: Kind;
  /** Of a list: of its elements. */
  choices?: string[];
  /** What a list is of, where that is simple. */
  of?: "text" | "enum";
  readOnly: boolean;
  required: boolean;
  longest?: number;
  about?: string;
}

/** The schema of a list's items; undefined where the operation lists nothing. */
export function itemOf(document: Document, list: Operation | undefined): Schema | undefined {
  const items = list?.answer?.properties?.Items?.items;
  return items === undefined ? undefined : resolved(document, items);
}

/** The properties of a schema; with `within`, those of its objects beside them. */
export function fieldsOf(document: Document, schema: Schema, within = false): Field[] {
  const found: Field[] = [];
  for (const [name, raw] of Object.entries(schema.properties ?? {})) {
    const property = resolved(document, raw);
    found.push(fieldOf(name, withItems(document, { ...property, ...(raw.readOnly && { readOnly: true }) }), schema.required?.includes(name) ?? false));
    if (within && property.properties !== undefined) {
      for (const [part, inner] of Object.entries(property.properties)) {
        found.push({ ...fieldOf(`${name}.${part}`, resolved(document, inner), false), readOnly: true });
      }
    }
  }
  return found;
}

function withItems(document: Document, schema: Schema): Schema {
  return schema.items === undefined ? schema : { ...schema, items: resolved(document, schema.items) };
}

export function fieldOf(name: string, schema: Schema, required: boolean): Field {
  const choices = choicesOf(schema) ?? choicesOf(schema.items);
  return {
    name,
    kind: kindOf(schema),
    readOnly: schema.readOnly === true,
    required,
    ...(choices !== undefined && { choices }),
    ...(schema.type === "array" && schema.items?.type === "string" && { of: choices === undefined ? ("text" as const) : ("enum" as const) }),
    ...(schema.maxLength !== undefined && { longest: schema.maxLength }),
    ...(schema.description !== undefined && { about: schema.description }),
  };
}

function kindOf({ type, format, enum: choices }: Schema): Kind {
  if (choices !== undefined) return "enum";
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "boolean";
  if (type === "array") return "list";
  if (type === "object" || type === undefined) return "object";
  return format === "date-time" ? "date" : "text";
}

/** The value of a dotted name; undefined where there is none. */
export function valueAt(item: unknown, name: string): unknown {
  return name
    .split(".")
    .reduce<unknown>((value, part) => (value === null || typeof value !== "object" ? undefined : (value as never)[part]), item);
}

/** A value as text: in a cell, in a file. */
export function spell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Names that a list sorts by; undefined where it sorts by any. */
export function sortable(list: Operation): Set<string> | undefined {
  const schema = list.parameters.find(({ name }) => name === "sortBy")?.schema;
  if (schema === undefined) return new Set();
  const names = choicesOf(schema.items);
  return names && new Set(names.filter((name) => !name.startsWith("!")));
}

export function takes(list: Operation, parameter: string): boolean {
  return list.parameters.some(({ name }) => name === parameter);
}
