// What this browser keeps of requests: the last 500 that were sent, and those that somebody gave a name.
import { useSyncExternalStore } from "react";
import type { Request } from "./request";

export interface Sent extends Request {
  key: string;
  /** Milliseconds since 1970. */
  at: number;
  user: string;
  status: number;
  milliseconds: number;
  /** A secret or a long body was not kept: it has to be filled in before it is sent again. */
  cut?: true;
}

export interface Saved extends Request {
  key: string;
  name: string;
}

const MOST_SENT = 500;
/** Letters of a body beyond which it is not kept. */
const LONGEST_BODY = 20_000;
/** What no browser keeps: JSON properties and form fields with such names. */
const SECRET = /("(?:\w*(?:password|secret|token|apikey|hashkey|connectionstring|customauthheadervalue)\w*)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
const SECRET_FIELD = /((?:^|&)(?:password|client_secret|refresh_token)=)[^&]*/gi;

/** The request as it may be kept: without secrets, and without a body that is too long. */
export function keepable<T extends Request>(request: T): T {
  const { body, ...rest } = request;
  if (body === undefined || body.length > LONGEST_BODY) return rest as T;
  return { ...request, body: body.replace(SECRET, '$1""').replace(SECRET_FIELD, "$1") };
}

/** A list in localStorage, for all tabs of this origin. */
class Kept<T> {
  private all: T[];
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly place: string,
    private readonly most: number,
  ) {
    this.all = this.read();
    window.addEventListener("storage", (event) => {
      if (event.key !== place) return;
      this.all = this.read();
      this.tell();
    });
  }

  get = (): T[] => this.all;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(next: T[]): void {
    this.all = next.slice(0, this.most);
    // A full store loses its oldest half, then the next.
    for (let kept = this.all; ; kept = kept.slice(0, Math.floor(kept.length / 2))) {
      try {
        localStorage.setItem(this.place, JSON.stringify(kept));
        break;
      } catch {
        if (kept.length === 0) break;
      }
    }
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  private read(): T[] {
    try {
      const found: unknown = JSON.parse(localStorage.getItem(this.place) ?? "[]");
      return Array.isArray(found) ? (found as T[]) : [];
    } catch {
      return [];
    }
  }
}

const sent = new Kept<Sent>("entrepot.sent", MOST_SENT);
const saved = new Kept<Saved>("entrepot.saved", 1000);

export const useSent = (): Sent[] => useSyncExternalStore(sent.subscribe, sent.get);
export const useSaved = (): Saved[] => useSyncExternalStore(saved.subscribe, saved.get);

export function noteSent(one: Omit<Sent, "key" | "cut">): void {
  const kept = keepable({ ...one, key: crypto.randomUUID() });
  sent.set([{ ...kept, ...(kept.body !== one.body && { cut: true as const }) }, ...sent.get()]);
}

export function forgetSent(): void {
  sent.set([]);
}

export function save(name: string, request: Request): void {
  saved.set([keepable({ ...request, name, key: crypto.randomUUID() }), ...saved.get()]);
}

export function forgetSaved(key: string): void {
  saved.set(saved.get().filter((each) => each.key !== key));
}

/** A request as a path of the console. It stands behind the `#`, so that whoever gets it sends it to nobody by opening it. */
export function linkTo(request: Request, pathValues: Record<string, string>): string {
  const query = new URLSearchParams(pathValues);
  for (const [name, value] of new URLSearchParams(request.path.split("?")[1] ?? "")) query.append(name, value);
  const { body } = keepable(request);
  if (body !== undefined && body !== "{}") query.set(BODY, body);
  const search = query.toString();
  return `/api/${request.operation}${search ? `?${search}` : ""}`;
}

/** The body in a link; no parameter of the API is named so. */
export const BODY = "~body";
