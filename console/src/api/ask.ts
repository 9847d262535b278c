import { over } from "../session/tokens";
import { Refusal } from "./problem";
import type { Api } from "./useApi";

export interface Page<T = Item> {
  Items: T[];
  Meta: { Page: number; PageSize: number; TotalCount: number; TotalPages: number; NextPageKey?: string | null; Facets?: Facet[] | null };
}

/** Values of a property, with how many of the matches have each. */
export interface Facet {
  Name: string;
  XpPath: string;
  Values: { Value: string; Count: number }[];
}

export type Item = Record<string, unknown>;

/** A request whose path is known only when the page runs; the answer's JSON. Refusals are thrown as those of `own`. */
export async function ask<T>(api: Api, path: string, verb = "GET", body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const answer = await api.send(path, {
    method: verb,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } }),
  });
  const text = await answer.text();
  let value: unknown;
  try {
    value = text === "" ? undefined : JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (answer.ok) return value as T;
  if (answer.status === 401) over(api.acting);
  throw new Refusal(answer.status, value, answer.headers.get("X-Request-ID") ?? "");
}
