import { Auth } from "ordercloud-javascript-sdk";
import "../api/sdk";
import { type Acting, act, getSession, leave } from "./store";

/** Milliseconds before its end in which a token is renewed ahead of a call (CON-1). */
const EARLY = 60_000;

/** The answer to a login: `access_token`, `expires_in` in seconds, `refresh_token` where the client has them. */
export type Token = Awaited<ReturnType<typeof Auth.Login>>;

export type Grant =
  | { how: "password"; clientID: string; username: string; password: string }
  | { how: "client"; clientID: string; secret: string }
  | { how: "guest"; clientID: string };

/** What a token says of itself. */
export interface Claims {
  usr?: string;
  usrtype?: string;
  cid?: string;
  aud?: string;
  exp?: number;
  role?: string | string[];
}

export function claimsOf(token: string): Claims {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.codePointAt(0) ?? 0);
    return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
  } catch {
    return {};
  }
}

/** Logs in through the SDK. All roles of the user, for no scope is named. */
export async function signIn(grant: Grant): Promise<Acting> {
  const token = await granted(grant);
  return actingBy(token, grant.clientID, grant.how === "password" ? grant.username : "");
}

function granted(grant: Grant): Promise<Token> {
  switch (grant.how) {
    case "password":
      return Auth.Login(grant.username, grant.password, grant.clientID);
    case "client":
      return Auth.ClientCredentials(grant.secret, grant.clientID);
    case "guest":
      return Auth.Anonymous(grant.clientID);
  }
}

export function actingBy(token: Token, clientID: string, username: string, renewed?: Acting): Acting {
  const claims = claimsOf(token.access_token);
  const refreshToken = token.refresh_token || renewed?.refreshToken;
  return {
    ...renewed,
    key: renewed?.key ?? crypto.randomUUID(),
    clientID: claims.cid ?? clientID,
    username: username || (claims.usr ?? ""),
    token: token.access_token,
    ...(refreshToken && { refreshToken }),
    expires: Date.now() + token.expires_in * 1000,
    roles: [claims.role ?? []].flat().sort(),
    userType: { admin: "seller" }[claims.usrtype ?? ""] ?? claims.usrtype ?? "",
    baseUrl: claims.aud ?? window.location.origin,
  };
}

const renewals = new Map<string, Promise<Acting>>();

/** Who has a token that lasts: the same, or renewed. Nobody where it is over. */
export async function lasting(acting: Acting): Promise<Acting> {
  const newest = getSession().acting.find(({ key }) => key === acting.key) ?? acting;
  if (newest.expires - Date.now() > EARLY) return newest;
  if (newest.refreshToken === undefined) {
    if (newest.expires > Date.now()) return newest;
    return over(newest);
  }
  // Calls that begin at once share one renewal.
  const renewal = renewals.get(newest.key) ?? renew(newest, newest.refreshToken);
  renewals.set(newest.key, renewal);
  try {
    return await renewal;
  } finally {
    renewals.delete(newest.key);
  }
}

async function renew(acting: Acting, refreshToken: string): Promise<Acting> {
  try {
    const token = await Auth.RefreshToken(refreshToken, acting.clientID);
    const renewed = actingBy(token, acting.clientID, acting.username, acting);
    act(renewed, true);
    return renewed;
  } catch (error) {
    if ((error as { status?: number }).status === undefined) throw error;
    return over(acting);
  }
}

export class SessionOver extends Error {}

/** Takes somebody out whose token is no longer taken. */
export function over(acting: Acting): never {
  leave(acting.key, `The session of ${acting.username || "the client"} has ended. Sign in again.`);
  throw new SessionOver("The session has ended.");
}
