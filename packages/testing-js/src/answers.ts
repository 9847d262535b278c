// Requests of a test's own to the server, and waiting for what it does in the background.

/** The server has refused what a test asked of it; the message is what was sent, and its answer. */
export class RefusedError extends Error {
  override name = "RefusedError";

  /** @internal */
  constructor(
    message: string,
    /** Of the answer. */
    readonly status: number,
    /** What the answer says is wrong; nothing where it is no answer of Entrepot's. */
    readonly errors: { ErrorCode: string; Message: string; Data?: Record<string, unknown> | null }[],
  ) {
    super(message);
  }
}

function errorsOf(text: string): RefusedError["errors"] {
  try {
    const { Errors } = JSON.parse(text) as { Errors?: unknown };
    return Array.isArray(Errors) ? Errors : [];
  } catch {
    return [];
  }
}

/** How long something is waited for. */
export interface Within {
  /** Milliseconds; 10,000 if nothing is said. */
  within?: number;
}

const PATIENCE = 60_000;
const PAUSES = [10, 20, 50, 100];

/** Sends a request with a token; its answer read as JSON, undefined where there is none. */
export type Send = <T = any>(method: string, path: string, body?: unknown) => Promise<T>;

/** What sends requests to a server, with a token. */
export function sender(url: string, token: string): Send {
  return async (method, path, body) => {
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return answered(url, method, path, { headers, body: body === undefined ? null : JSON.stringify(body) });
  };
}

/** What a token request answers. */
export function login(url: string, form: Record<string, string>): Promise<{ access_token: string }> {
  return answered(url, "POST", "/oauth/token", { body: new URLSearchParams(form) });
}

async function answered<T>(url: string, method: string, path: string, request: RequestInit): Promise<T> {
  const answer = await fetch(url + path, { ...request, method, signal: AbortSignal.timeout(PATIENCE) });
  const text = await answer.text();
  if (!answer.ok) {
    const told = `${method} ${url}${path}: ${answer.status} ${text.slice(0, 2000)}`;
    throw new RefusedError(told, answer.status, errorsOf(text));
  }
  return (text ? JSON.parse(text) : undefined) as T;
}

/** All that a list has, page by page. */
export async function everyItem<T>(send: Send, path: string): Promise<T[]> {
  const found: T[] = [];
  const asked = new URLSearchParams({ pageSize: "100", sortBy: "DateCreated" });
  for (;;) {
    const page = await send<{ Items: T[]; Meta: { NextPageKey: string | null } }>("GET", `${path}?${asked}`);
    found.push(...page.Items);
    if (!page.Meta.NextPageKey) return found;
    asked.set("pageKey", page.Meta.NextPageKey);
  }
}

/** What `look` finds, once it finds something. */
export async function awaited<T>(
  look: () => Promise<T | undefined>,
  { within = 10_000 }: Within,
  missing: () => Promise<string>,
): Promise<T> {
  const deadline = performance.now() + within;
  for (let looks = 0; ; looks++) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() >= deadline) throw new Error(`${await missing()} (waited ${within} ms)`);
    await pause(PAUSES[looks] ?? PAUSES.at(-1)!);
  }
}

export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
