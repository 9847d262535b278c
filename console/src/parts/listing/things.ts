// Which operations show, make, change and delete the things of a list, and what hangs on them.
import { type Document, type Operation, resolved } from "../../api/document";
import { mayDo } from "../../session/access";
import type { Acting } from "../../session/store";

export interface Thing {
  list: Operation;
  get: Operation | undefined;
  create: Operation | undefined;
  /** Makes it under an ID that is chosen, or replaces it. */
  save: Operation | undefined;
  patch: Operation | undefined;
  remove: Operation | undefined;
  /** Lists below one of them. */
  below: Operation[];
  assignments: Assignment[];
}

/** A list of what a thing is assigned to. */
export interface Assignment {
  list: Operation;
  /** Of the list: narrows it to the thing. */
  parameter: string;
  create: Operation | undefined;
}

/** All that is listed, by its operation's ID. */
export function listsOf(document: Document): Operation[] {
  return [...document.operations.values()].filter(
    (each) => each.verb === "GET" && each.answer?.properties?.Items !== undefined,
  );
}

export function thingOf(document: Document, list: Operation): Thing {
  const item = [...document.at.values()].find(
    (each) => each.template.startsWith(`${list.template}/{`) && each.template.indexOf("/", list.template.length + 1) < 0,
  )?.template;
  const at = (verb: string, template: string | undefined) => (template === undefined ? undefined : document.at.get(`${verb} ${template}`));
  const lists = listsOf(document);
  return {
    list,
    get: at("GET", item),
    create: at("POST", list.template),
    save: at("PUT", item),
    patch: at("PATCH", item),
    remove: at("DELETE", item),
    below: item === undefined ? [] : lists.filter((each) => each.template.startsWith(`${item}/`)),
    assignments: item === undefined ? [] : assignmentsOf(document, lists, item),
  };
}

function assignmentsOf(document: Document, lists: Operation[], item: string): Assignment[] {
  const [parameter = "", ...within] = parametersIn(item).reverse();
  const isOne = kindsOf(document, parameter) === 1;
  return lists
    .filter(({ template, parameters }) => /assignments$/i.test(template) && parameters.some(({ name }) => name === parameter))
    .map((list) => ({ list, parameter, create: document.at.get(`POST ${list.template}`) }))
    .filter(({ list, create }) => isOne || isOf(document, list, create, within));
}

/** How many kinds of things that are made and listed a parameter names: a userID is a buyer's, a supplier's or the seller's user. */
function kindsOf(document: Document, parameter: string): number {
  const end = `/{${parameter}}`;
  return [...document.at.values()].filter(
    ({ verb, template }) => verb === "GET" && template.endsWith(end) && document.at.has(`POST ${template.slice(0, -end.length)}`) && !template.startsWith("/me/"),
  ).length;
}

/** Whether assignments are of things within these parents: they name each, and need no other. */
function isOf(document: Document, list: Operation, create: Operation | undefined, within: string[]): boolean {
  const named = list.parameters.map(({ name }) => name);
  const schema = create?.body === undefined ? undefined : resolved(document, create.body.schema);
  const needed = (schema?.required ?? []).map((name) => name.toLowerCase()).filter((name) => name === "buyerid" || name === "supplierid");
  const has = (name: string) => within.some((each) => each.toLowerCase() === name.toLowerCase());
  return within.every((each) => named.includes(each)) && parametersIn(list.template).every(has) && needed.every(has);
}

/** The path at which a DELETE takes an assignment away; undefined where there is none that the caller may. */
export function removalOf(document: Document, list: Operation, acting: Acting, values: Record<string, string>): string | undefined {
  const wanted = list.id.replace(".List", ".Delete").replace(/s$/, "");
  const [resource = ""] = list.id.split(".");
  const may = [...document.operations.values()]
    .filter(({ id, verb }) => verb === "DELETE" && id.startsWith(`${resource}.Delete`) && id.endsWith("Assignment"))
    .filter(({ id }) => !document.operations.has(wanted) || id === wanted)
    .find((each) => parametersIn(each.template).every((name) => values[name]) && mayDo(acting, each));
  if (may === undefined) return undefined;
  const query = new URLSearchParams(
    may.parameters.flatMap(({ name, in: place }) => (place === "query" && values[name] ? [[name, values[name] ?? ""]] : [])),
  ).toString();
  return filled(may.path, values) + (query && `?${query}`);
}

export function parametersIn(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
}

/** The path with IDs in place of its parameters. */
export function filled(path: string, values: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}
