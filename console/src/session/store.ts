import { useSyncExternalStore } from "react";

/** Somebody in a marketplace, by a token of the API. The console may hold several; pages act as the current one. */
export interface Acting {
  /** Of this entry alone: pages put it first in the keys of their queries. */
  key: string;
  clientID: string;
  /** "" for a guest or a client that acts for itself. */
  username: string;
  token: string;
  refreshToken?: string;
  /** Milliseconds since 1970. */
  expires: number;
  roles: string[];
  /** seller, buyer or supplier. */
  userType: string;
  baseUrl: string;
  marketplace?: Marketplace;
  /** Of a token that the portal gave: what it was asked for, and may be again. */
  portal?: { organization: string; clientid?: string; username?: string };
}

/** A person of the portal. */
export interface Account {
  username: string;
  token: string;
  refreshToken: string;
  /** Milliseconds since 1970. */
  expires: number;
}

export interface Marketplace {
  id: string;
  name: string;
  region?: string;
  environment?: string;
}

export interface Session {
  account: Account | undefined;
  acting: Acting[];
  current: Acting | undefined;
  /** Why somebody is signed in no more, and by which way he was. */
  ended?: { why: string; way: "portal" | "client" };
}

interface Kept {
  account?: Account;
  acting: Acting[];
  current?: string;
}

/** Of the browser's tab: gone when it is closed, and of no other origin. */
const PLACE = "entrepot.session";

let session = read();
const listeners = new Set<() => void>();

function read(): Session {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null") as Kept | null;
    if (kept !== null) {
      const current = kept.acting.find(({ key }) => key === kept.current);
      return { account: kept.account, acting: kept.acting, current };
    }
  } catch {
    // Nothing that can be read: then nobody is signed in.
  }
  return { account: undefined, acting: [], current: undefined };
}

function change(next: Session): void {
  session = next;
  const kept: Kept = {
    acting: next.acting,
    ...(next.current && { current: next.current.key }),
    ...(next.account && { account: next.account }),
  };
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing: the memory of this page has it.
  }
  for (const listener of listeners) listener();
}

export function getSession(): Session {
  return session;
}

export function useSession(): Session {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, getSession);
}

/** Adds somebody, or renews who has the same key, and makes him the current one unless `aside`. */
export function act(acting: Acting, aside = false): void {
  const others = session.acting.filter(({ key }) => key !== acting.key);
  const known = others.length < session.acting.length;
  const all = known ? session.acting.map((each) => (each.key === acting.key ? acting : each)) : [...others, acting];
  const stays = aside && session.current !== undefined && session.current.key !== acting.key;
  change({ account: session.account, acting: all, current: stays ? session.current : acting });
}

export function switchTo(key: string): void {
  change({ ...session, current: session.acting.find((each) => each.key === key) ?? session.current });
}

/** Takes somebody out, with a reason if it was not wanted. */
export function leave(key: string, reason?: string): void {
  const acting = session.acting.filter((each) => each.key !== key);
  const current = session.current?.key === key ? acting[0] : session.current;
  change({ account: session.account, acting, current, ...(reason !== undefined && { ended: { why: reason, way: "client" } }) });
}

/** A marketplace has another name now. */
export function renamed(id: string, name: string): void {
  const anew = (each: Acting): Acting =>
    each.marketplace?.id === id ? { ...each, marketplace: { ...each.marketplace, name } } : each;
  const acting = session.acting.map(anew);
  const current = acting.find(({ key }) => key === session.current?.key);
  change({ account: session.account, acting, current });
}

/** Signs an account in, or keeps its renewed tokens. */
export function keepAccount(account: Account): void {
  change({ ...session, account });
}

/** Takes the account out, and whoever acted by it; with a reason if it was not wanted. */
export function leaveAccount(reason?: string): void {
  const acting = session.acting.filter(({ portal }) => portal === undefined);
  const current = session.current?.portal === undefined ? session.current : acting[0];
  change({ account: undefined, acting, current, ...(reason !== undefined && { ended: { why: reason, way: "portal" } }) });
}

/** To the choice of marketplaces: nobody is current. */
export function stepOut(): void {
  change({ ...session, current: undefined });
}

export function signOut(): void {
  change({ account: undefined, acting: [], current: undefined });
}
