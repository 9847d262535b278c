import { Auth } from "ordercloud-javascript-sdk";
import { isRefused } from "../api/problem";
import "../api/sdk";
import { type Token, actingBy } from "./claims";
import { anew } from "./portal";
import { type Acting, act, getSession, leave } from "./store";

/** Milliseconds before its end in which a token is renewed ahead of a call (CON-1). */
const EARLY = 60_000;

export type Grant =
  | { how: "password"; clientID: string; username: string; password: string }
  | { how: "client"; clientID: string; secret: string }
  | { how: "guest"; clientID: string };

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

const renewals = new Map<string, Promise<Acting>>();

/** Who has a token that lasts: the same, or renewed. Nobody where it is over. */
export async function lasting(acting: Acting): Promise<Acting> {
  const newest = getSession().acting.find(({ key }) => key === acting.key) ?? acting;
  if (newest.expires - Date.now() > EARLY) return newest;
  if (newest.refreshToken === undefined && newest.portal === undefined) {
    if (newest.expires > Date.now()) return newest;
    return over(newest);
  }
  // Calls that begin at once share one renewal.
  const renewal = renewals.get(newest.key) ?? renew(newest);
  renewals.set(newest.key, renewal);
  try {
    return await renewal;
  } finally {
    renewals.delete(newest.key);
  }
}

async function renew(acting: Acting): Promise<Acting> {
  try {
    const token =
      acting.portal === undefined
        ? await Auth.RefreshToken(acting.refreshToken ?? "", acting.clientID)
        : await anew(acting.portal);
    const renewed = actingBy(token, acting.clientID, acting.username, acting);
    act(renewed, true);
    return renewed;
  } catch (error) {
    if (!isRefused(error)) throw error;
    return over(acting);
  }
}

/** Tokens of marketplaces that the portal gave, once more: what the account did may have ended them. Whoever may be there no more is taken out. */
export async function renewAll(): Promise<void> {
  for (const acting of getSession().acting) {
    if (acting.portal === undefined) continue;
    try {
      act(actingBy(await anew(acting.portal), acting.clientID, acting.username, acting), true);
    } catch (error) {
      if (!isRefused(error)) throw error;
      leave(acting.key);
    }
  }
}

export class SessionOver extends Error {}

/** Takes somebody out whose token is no longer taken. */
export function over(acting: Acting): never {
  const again = acting.portal === undefined ? "Sign in again." : "Enter the marketplace again.";
  leave(acting.key, `The session of ${acting.username || "the client"} has ended. ${again}`);
  throw new SessionOver("The session has ended.");
}
