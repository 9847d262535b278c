import { type Document, useDocument } from "../api/document";
import { Choices } from "./Choice";

export interface WebhookRoute {
  Route: string;
  Verb: string;
}

interface Props {
  label: string;
  value: WebhookRoute[];
  onChange: (value: WebhookRoute[]) => void;
  required?: boolean;
  error?: string | undefined;
}

/** The operations that a webhook hears of, found by their paths (WH-1). One that the server does not know stays as it is. */
export function RoutesPicker({ value, onChange, ...others }: Props) {
  const { data: document } = useDocument();
  const chosen = value.map(({ Verb, Route }) => `${Verb} ${Route}`);
  return (
    <Choices
      {...others}
      description="Verb and path of each operation that it hears of."
      choices={[...new Set([...(document === undefined ? [] : routesOf(document)), ...chosen])]}
      value={chosen}
      onChange={(next) => onChange(next.map(routeOf))}
      clearable
    />
  );
}

/** Whatever writes below /v1. */
function routesOf(document: Document): string[] {
  return [...document.operations.values()]
    .filter(({ verb, path }) => verb !== "GET" && path.startsWith("/v1/"))
    .map(({ verb, path }) => `${verb} ${path.slice(1)}`);
}

function routeOf(text: string): WebhookRoute {
  const [Verb = "", ...path] = text.split(" ");
  return { Route: path.join(" "), Verb };
}

export function areRoutes(value: unknown): value is WebhookRoute[] {
  return Array.isArray(value) && value.every((each) => typeof each?.Route === "string" && typeof each?.Verb === "string");
}
