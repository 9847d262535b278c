// From IDs to what they name: lists to pick them from, and operations that show them.
import { type Document, type Operation, listsThings, shownBy } from "../api/document";

export type Values = Record<string, string>;

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

/**
 * The list of what a property such as DefaultCatalogID names. Of several, that which is most closely of what is known: with a buyerID
 * among the values, a UserGroupID is one of the buyer's.
 */
export function listOfProperty(document: Document, name: string, values: Values): string | undefined {
  if (!/IDs?$/.test(name)) return undefined;
  for (const path of pathsOf(document, name.replace(/s$/, ""))) {
    const list = filled(path, values);
    if (list !== undefined) return list;
  }
  return undefined;
}

const paths = new WeakMap<Document, Map<string, string[]>>();

/** Of lists, those within most first. */
function pathsOf(document: Document, name: string): string[] {
  const known = paths.get(document) ?? new Map<string, string[]>();
  paths.set(document, known);
  const found = known.get(name) ?? findPaths(document, name);
  known.set(name, found);
  return found;
}

function findPaths(document: Document, name: string): string[] {
  const parameter = parameterOf(shownBy(document, name));
  if (parameter === undefined) return [];
  return [...document.operations.values()]
    .filter((each) => each.verb === "GET" && parameterOf(each) === parameter && !each.path.startsWith("/v1/me/"))
    .filter((each) => listsThings(document, document.at.get(`GET ${above(each.template)}`)))
    .map((each) => above(each.path))
    .sort((one, other) => other.split("{").length - one.split("{").length || one.length - other.length);
}

function above(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function parameterOf(operation: Operation | undefined): string | undefined {
  return /\/\{(\w+ID)\}$/.exec(operation?.template ?? "")?.[1];
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
    const known = values[each];
    if (!known) return undefined;
    query.set(each, known);
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
