// Which operations show, make, change and delete the things of a list, and what hangs on them.
import type { Document, Operation } from "../../api/document";

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
  /** Lists of what it is assigned to, with the parameter that narrows them to one. */
  assignments: { list: Operation; parameter: string }[];
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
  const parameter = item === undefined ? undefined : parametersIn(item).at(-1);
  const lists = listsOf(document);
  return {
    list,
    get: at("GET", item),
    create: at("POST", list.template),
    save: at("PUT", item),
    patch: at("PATCH", item),
    remove: at("DELETE", item),
    below: item === undefined ? [] : lists.filter((each) => each.template.startsWith(`${item}/`)),
    assignments:
      parameter === undefined
        ? []
        : lists
            .filter((each) => each.template.endsWith("assignments") && each.parameters.some(({ name }) => name === parameter))
            .map((each) => ({ list: each, parameter })),
  };
}

export function parametersIn(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
}

/** The path with IDs in place of its parameters. */
export function filled(path: string, values: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}
