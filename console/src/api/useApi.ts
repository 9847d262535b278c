import type { RequestOptions } from "ordercloud-javascript-sdk";
import createClient, { type Client } from "openapi-fetch";
import { useMemo } from "react";
import { type Acting, useSession } from "../session/store";
import { SessionOver, lasting, over } from "../session/tokens";
import type { paths } from "./generated";
import { Refusal, problemOf } from "./problem";
import "./sdk";

export interface Api {
  acting: Acting;
  /** First in the keys of queries: what one user saw is never shown to another. */
  key: string;
  /** Calls through the SDK: `call((options) => Buyers.List({}, options))`. A token that ends is renewed before. */
  call<T>(make: (options: RequestOptions) => Promise<T>): Promise<T>;
  /** Calls the server's own operations, by the types of its document: `own((api) => api.GET("/entrepot/v1/mailbox"))`. */
  own<T>(make: (api: Client<paths>) => Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T>;
  /** Any request, as it is, with the user's token. */
  send(path: string, request?: RequestInit): Promise<Response>;
  /** The same, to be sent when the function is called: the token lasts by then. */
  ready(path: string, request?: RequestInit): Promise<() => Promise<Response>>;
}

/** The API as whoever is current sees it. */
export function useApi(): Api {
  const { current } = useSession();
  if (current === undefined) throw new Error("Nobody is signed in.");
  return useMemo(() => apiOf(current), [current]);
}

export function apiOf(acting: Acting): Api {
  return {
    acting,
    key: acting.key,
    async call(make) {
      const { token } = await lasting(acting);
      try {
        return await make({ accessToken: token });
      } catch (error) {
        throw noted(acting, error);
      }
    },
    async own(make) {
      const { token } = await lasting(acting);
      const { data, error, response } = await make(
        createClient<paths>({ baseUrl: window.location.origin, headers: { Authorization: `Bearer ${token}` } }),
      );
      if (!response.ok) {
        throw noted(acting, new Refusal(response.status, error, response.headers.get("X-Request-ID") ?? ""));
      }
      return data as never;
    },
    async send(path, request) {
      return await (await ready(acting, path, request))();
    },
    ready: (path, request) => ready(acting, path, request),
  };
}

/** The error; where it says that the token is no longer taken, whoever has it is signed out. */
function noted(acting: Acting, error: unknown): unknown {
  if (!(error instanceof SessionOver) && problemOf(error).status === 401) over(acting);
  return error;
}

async function ready(acting: Acting, path: string, request: RequestInit = {}): Promise<() => Promise<Response>> {
  const { token } = await lasting(acting);
  const headers = new Headers(request.headers);
  headers.set("Authorization", `Bearer ${token}`);
  return () => fetch(path, { ...request, headers });
}
