// The OpenAPI document of the running server, made ready to be looked up in.
import { useQuery } from "@tanstack/react-query";
import { Refusal } from "./problem";

export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  /** With null where the value may be null. */
  enum?: (string | null)[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  allOf?: Schema[];
  items?: Schema;
  readOnly?: boolean;
  nullable?: boolean;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  default?: unknown;
  example?: unknown;
}

export interface Parameter {
  name: string;
  in: "path" | "query";
  description?: string;
  required?: boolean;
  schema: Schema;
  explode?: boolean;
}

export interface Operation {
  id: string;
  verb: string;
  /** As the document has it, without /v1. */
  template: string;
  /** On the host. */
  path: string;
  summary: string;
  description?: string;
  resource: string;
  parameters: Parameter[];
  body?: { schema: Schema; required: boolean; form: boolean };
  answer?: Schema;
  /** Any of them will do; none is needed where it is empty. */
  roles: string[];
  /** Without a token. */
  open: boolean;
}

export interface Resource {
  name: string;
  description?: string;
  operations: Operation[];
}

export interface Section {
  id: string;
  name: string;
  resources: Resource[];
}

export interface Document {
  sections: Section[];
  operations: Map<string, Operation>;
  schemas: Record<string, Schema>;
  /** By "GET /buyers/{buyerID}". */
  at: Map<string, Operation>;
}

interface RawOperation {
  tags: string[];
  summary: string;
  description?: string;
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
  security?: Record<string, string[]>[];
  servers?: unknown[];
}

interface RawDocument {
  tags: { name: string; description?: string; "x-id"?: string; "x-section-id"?: string }[];
  paths: Record<string, Record<string, RawOperation>>;
  components: { schemas: Record<string, Schema> };
}

export function useDocument() {
  return useQuery({
    queryKey: ["document"],
    queryFn: async () => {
      const answer = await fetch("/v1/openapi/v3");
      if (!answer.ok) throw new Refusal(answer.status, undefined);
      return documentOf((await answer.json()) as RawDocument);
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

function documentOf(raw: RawDocument): Document {
  const operations = new Map<string, Operation>();
  const at = new Map<string, Operation>();
  const resources = new Map<string, Resource>();
  for (const [template, verbs] of Object.entries(raw.paths)) {
    for (const [verb, each] of Object.entries(verbs)) {
      // Files come with a passphrase in a header, which no form, link or history is to keep; a stream has no end.
      if (isNoForm(each)) continue;
      const operation = operationOf(template, verb.toUpperCase(), each);
      operations.set(operation.id, operation);
      at.set(`${operation.verb} ${template}`, operation);
      const resource = resources.get(operation.resource) ?? { name: operation.resource, operations: [] };
      resource.operations.push(operation);
      resources.set(operation.resource, resource);
    }
  }
  const sections = raw.tags
    .filter((tag) => tag["x-id"] !== undefined)
    .map((tag) => ({
      id: tag["x-id"] ?? "",
      name: tag.name,
      resources: raw.tags
        .filter((child) => child["x-section-id"] === tag["x-id"])
        .map((child) => ({
          name: child.name,
          operations: resources.get(child.name)?.operations ?? [],
          ...(child.description !== undefined && { description: child.description }),
        }))
        .filter(({ operations: some }) => some.length > 0),
    }));
  return { sections, operations, schemas: raw.components.schemas, at };
}

function isNoForm(raw: RawOperation): boolean {
  const contents = [raw.requestBody, ...Object.values(raw.responses)].map((each) => each?.content ?? {});
  return contents.some((content) => "application/octet-stream" in content || "text/event-stream" in content);
}

function operationOf(template: string, verb: string, raw: RawOperation): Operation {
  const content = Object.entries(raw.requestBody?.content ?? {})[0];
  const answer = Object.entries(raw.responses).find(([status]) => status.startsWith("2"))?.[1];
  const answered = answer?.content?.["application/json"]?.schema;
  return {
    id: raw.operationId,
    verb,
    template,
    path: raw.servers === undefined ? `/v1${template}` : template,
    summary: raw.summary,
    resource: raw.tags[0] ?? "",
    parameters: raw.parameters ?? [],
    roles: raw.security?.[0]?.OAuth2 ?? [],
    open: raw.security?.length === 0,
    ...(raw.description !== undefined && { description: raw.description }),
    ...(answered !== undefined && { answer: answered }),
    ...(content !== undefined && {
      body: { schema: content[1].schema, required: raw.requestBody?.required === true, form: content[0].includes("form") },
    }),
  };
}

/** A schema with what it refers to and is made of in one, and its name if it has one. */
export function resolved(document: Document, schema: Schema): Schema & { name?: string } {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
    return { ...document.schemas[name], name };
  }
  if (schema.allOf === undefined) return schema;
  const parts = schema.allOf.map((part) => resolved(document, part));
  const { allOf: _, ...own } = schema;
  return Object.assign({}, ...parts, own) as Schema & { name?: string };
}

/** What an enum can be chosen from; undefined where the schema is none. */
export function choicesOf(schema: Schema | undefined): string[] | undefined {
  return schema?.enum?.filter((each) => each !== null);
}

/** Whether it answers pages of things with IDs, which a picker can search. */
export function listsThings(document: Document, operation: Operation | undefined): boolean {
  const items = operation?.answer?.properties?.Items?.items;
  return items !== undefined && resolved(document, items).properties?.ID !== undefined;
}

/**
 * The operation that shows what an ID names: of a parameter (`buyerID`) or a property (`DefaultCatalogID`), by how it ends.
 * Of several the one with the shortest path.
 */
export function shownBy(document: Document, name: string): Operation | undefined {
  const wanted = name.toLowerCase();
  let best: { operation: Operation; parameter: string } | undefined;
  for (const operation of document.operations.values()) {
    const last = /\/\{(\w+ID)\}$/.exec(operation.template)?.[1];
    if (operation.verb !== "GET" || last === undefined || !wanted.endsWith(last.toLowerCase())) continue;
    if (operation.path.startsWith("/v1/me/")) continue;
    const list = document.at.get(`GET ${operation.template.slice(0, operation.template.lastIndexOf("/"))}`);
    if (!listsThings(document, list)) continue;
    const isBetter =
      best === undefined ||
      last.length > best.parameter.length ||
      (last.length === best.parameter.length && operation.template.length < best.operation.template.length);
    if (isBetter) best = { operation, parameter: last };
  }
  return best?.operation;
}
