// What a form holds, and the request that it makes.
import type { Operation } from "../../api/document";
import type { Api } from "../../api/useApi";

export interface Filter {
  name: string;
  value: string;
}

/** The form of one operation. */
export interface Draft {
  /** By parameter; several values with commas. What is empty is not sent. */
  values: Record<string, string>;
  filters: Filter[];
  /** As the fields have it. */
  body: Record<string, unknown>;
  /** The body as text, where it is edited as such. */
  text?: string;
}

/** A request as it goes out. */
export interface Request {
  operation: string;
  verb: string;
  /** On the host, with the query. */
  path: string;
  contentType?: string;
  body?: string;
  open: boolean;
}

export interface Answer {
  status: number;
  milliseconds: number;
  headers: [name: string, value: string][];
  text: string;
  /** undefined where it is no JSON. */
  json?: unknown;
}

export const EMPTY: Draft = { values: {}, filters: [], body: {} };

/** What is still missing or wrong, by the name of its field; "" is the body as text. */
export function faults(operation: Operation, draft: Draft, required: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, in: place, required: needed } of operation.parameters) {
    if ((place === "path" || needed) && !draft.values[name]) found[`:${name}`] = "This is required";
  }
  if (operation.body === undefined) return found;
  if (draft.text !== undefined) {
    try {
      if (draft.text.trim() !== "") JSON.parse(draft.text);
    } catch (error) {
      found[""] = `This is no JSON: ${(error as Error).message}`;
    }
    return found;
  }
  for (const name of required) {
    const value = draft.body[name];
    if (value === undefined || value === null || value === "") found[name] = "This is required";
  }
  return found;
}

export function requestOf(operation: Operation, draft: Draft): Request {
  const query = new URLSearchParams();
  let path = operation.path;
  for (const { name, in: place, schema } of operation.parameters) {
    const value = draft.values[name] ?? "";
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (schema.type !== "object" && value !== "") query.append(name, value);
  }
  for (const { name, value } of draft.filters) if (name !== "") query.append(name, value);
  const search = query.toString();
  const body = bodyOf(operation, draft);
  return {
    operation: operation.id,
    verb: operation.verb,
    path: search ? `${path}?${search}` : path,
    open: operation.open,
    ...(body !== undefined && {
      body,
      contentType: operation.body?.form ? "application/x-www-form-urlencoded" : "application/json",
    }),
  };
}

function bodyOf(operation: Operation, draft: Draft): string | undefined {
  if (operation.body === undefined) return undefined;
  const value: unknown =
    draft.text === undefined ? draft.body : draft.text.trim() === "" ? undefined : JSON.parse(draft.text);
  if (value === undefined) return undefined;
  if (!operation.body.form) return JSON.stringify(value, null, 2);
  return new URLSearchParams(
    Object.entries(value as object).filter(([, each]) => each !== "" && each != null).map(([name, each]) => [name, String(each)]),
  ).toString();
}

/** The form that makes a request, of a link or of the history. */
export function draftOf(operation: Operation, search: string, path: Record<string, string>, body?: string): Draft {
  const values: Record<string, string> = { ...path };
  const filters: Filter[] = [];
  const known = new Set(operation.parameters.filter(({ schema }) => schema.type !== "object").map(({ name }) => name));
  for (const [name, value] of new URLSearchParams(search)) {
    if (known.has(name)) values[name] = values[name] ? `${values[name]},${value}` : value;
    else filters.push({ name, value });
  }
  const draft: Draft = { values, filters, body: {} };
  if (body === undefined || operation.body === undefined) return draft;
  if (operation.body.form) return { ...draft, body: Object.fromEntries(new URLSearchParams(body)) };
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { ...draft, body: value as Record<string, unknown> };
    }
  } catch {
    // Stays text.
  }
  return { ...draft, text: body };
}

/** The values of an operation's path parameters in the path of a request. */
export function pathValues(operation: Operation, path: string): Record<string, string> {
  const sent = path.split("?")[0]?.split("/") ?? [];
  return Object.fromEntries(
    operation.path.split("/").flatMap((part, index) =>
      part.startsWith("{") ? [[part.slice(1, -1), decodeURIComponent(sent[index] ?? "")]] : [],
    ),
  );
}

export async function send(api: Api, request: Request): Promise<Answer> {
  const init: RequestInit = {
    method: request.verb,
    ...(request.body !== undefined && { body: request.body }),
    headers: request.contentType === undefined ? {} : { "Content-Type": request.contentType },
  };
  // A token that is about to end is renewed before the clock starts.
  const make = request.open ? () => fetch(request.path, init) : await api.ready(request.path, init);
  const started = performance.now();
  const answer = await make();
  const text = await answer.text();
  return {
    status: answer.status,
    milliseconds: performance.now() - started,
    headers: [...answer.headers],
    text,
    ...parsed(text),
  };
}

function parsed(text: string): { json?: unknown } {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return {};
  }
}
