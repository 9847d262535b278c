// From IDs to what they name: lists to pick them from, and operations that show them.
import { type Document, type Operation, listsThings, shownBy } from "../../api/document";

type Values = Record<string, string>;

/** A path whose parameters are filled in; undefined where one has no value. */
function filled(path: string, values: Values): string | undefined {
  let complete = true;
  const found = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (!value) complete = false;
    return encodeURIComponent(value ?? "");
  });
  return complete ? found : undefined;
}

/** The list that a path parameter is picked from, by the path before it; else by its name alone. */
export function listOfParameter(document: Document, operation: Operation, name: string, values: Values): string | undefined {
  const at = operation.path.indexOf(`/{${name}}`);
  if (at >= 0) {
    const template = operation.template.slice(0, operation.template.indexOf(`/{${name}}`));
    if (listsThings(document, document.at.get(`GET ${template}`))) return filled(operation.path.slice(0, at), values);
  }
  return listOfProperty(document, name, values);
}

/** The list of what a property such as DefaultCatalogID names. */
export function listOfProperty(document: Document, name: string, values: Values): string | undefined {
  const shown = /ID$/.test(name) ? shownBy(document, name) : undefined;
  return shown && filled(shown.path.slice(0, shown.path.lastIndexOf("/")), values);
}

/** The path in the console of the operation that shows what a value of an answer names. */
export function leadTo(
  document: Document,
  operation: Operation,
  values: Values,
  keys: readonly (string | number)[],
  value: string,
): string | undefined {
  const name = keys.at(-1);
  if (value === "" || typeof name !== "string" || !/ID$/.test(name)) return undefined;
  const isOwn = name === "ID" && (keys.length === 1 || (keys.length === 3 && keys[0] === "Items"));
  const shown = isOwn ? ownShownBy(document, operation) : name === "ID" ? undefined : shownBy(document, name);
  if (shown === undefined) return undefined;
  const query = new URLSearchParams();
  const names = [...shown.template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  for (const each of names.slice(0, -1)) {
    const above = values[each];
    if (!above) return undefined;
    query.set(each, above);
  }
  query.set(names.at(-1) ?? "", value);
  return `/api/${shown.id}?${query}`;
}

/** The operation that shows one item of what another lists, makes or changes. */
function ownShownBy(document: Document, operation: Operation): Operation | undefined {
  if (/\{\w+\}$/.test(operation.template)) return document.at.get(`GET ${operation.template}`);
  const prefix = `${operation.template}/{`;
  for (const each of document.operations.values()) {
    const isItem = each.verb === "GET" && each.template.startsWith(prefix) && !each.template.includes("/", prefix.length);
    if (isItem) return each;
  }
  return undefined;
}
