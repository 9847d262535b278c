// GitHub and Google, where accounts sign in, too, if this server is registered there (PORT-3).
import { useQuery } from "@tanstack/react-query";
import { Refusal } from "../api/problem";

/** By the names of the portal's SDK. */
export const ELSEWHERE: Record<string, string> = { Github: "GitHub", Google: "Google" };

/** The page that somebody wanted who signs in elsewhere: he comes back to this tab. */
const WANTED = "entrepot.wanted";

/** How accounts of this server may sign in, the password left out; nothing until it is known. */
export function useElsewhere(): string[] {
  const { data } = useQuery({
    queryKey: ["authorizationmethods"],
    queryFn: () => asked<{ Name: string }[]>("/api/v1/authorizationmethods"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (data ?? []).map(({ Name }) => Name).filter((name) => name in ELSEWHERE);
}

/** Leaves for the page at which somebody says who he is. */
export async function signInElsewhere(name: string): Promise<void> {
  const { RedirectUrl } = await asked<{ RedirectUrl: string }>(`/api/v1/authorizationmethods/${name}/signin`, { method: "POST" });
  try {
    sessionStorage.setItem(WANTED, window.location.hash.slice(1));
  } catch {
    // A browser that keeps nothing.
  }
  leaveFor(RedirectUrl);
}

/** Where whoever comes back goes on: a path of this console. */
export function wanted(): string {
  try {
    return sessionStorage.getItem(WANTED) || "/";
  } catch {
    return "/";
  }
}

export function leaveFor(url: string): void {
  if (!/^https?:\/\//.test(url)) throw new Error("The server names no address of the web.");
  window.location.assign(url);
}

/** A token of the portal for the code with which the browser has come back, which no other browser can use. */
export function tokenFor<T>(code: string): Promise<T> {
  return asked<T>("/api/v1/oauth/token", { method: "POST", body: new URLSearchParams({ grant_type: "authorization_code", code }) });
}

/** What the portal's SDK has no call for, and nobody is signed in for. */
async function asked<T>(path: string, request: RequestInit = {}): Promise<T> {
  const answer = await fetch(path, request);
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw new Refusal(answer.status, body, answer.headers.get("X-Request-ID") ?? "");
  return body as T;
}
