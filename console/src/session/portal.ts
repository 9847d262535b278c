// People of the portal: their sign-in, their marketplaces, and tokens of these (PORT-1, PORT-12, CON-1).
import { ApiClients, Auth, Organizations } from "@ordercloud/portal-javascript-sdk";
import { isRefused } from "../api/problem";
import "../api/sdk";
import { type Token, actingBy, claimsOf } from "./claims";
import { tokenFor } from "./elsewhere";
import { type Account, type Acting, act, getSession, keepAccount, leaveAccount } from "./store";

export type Organization = Awaited<ReturnType<typeof Organizations.Get>>;

/** What each call to the portal takes last. */
export type PortalOptions = { accessToken: string };

/** Milliseconds before its end in which the account's token is renewed. */
const EARLY = 30_000;

export async function signInToPortal(username: string, password: string): Promise<void> {
  keepAccount(accountBy(username, await Auth.Login(username, password)));
}

/** By the code that came back from elsewhere. */
export async function signInByCode(code: string): Promise<void> {
  const token = await tokenFor<Awaited<ReturnType<typeof Auth.Login>>>(code);
  keepAccount(accountBy(claimsOf(token.access_token).usr ?? "", token));
}

function accountBy(username: string, token: Awaited<ReturnType<typeof Auth.Login>>): Account {
  return {
    username,
    token: token.access_token,
    refreshToken: token.refresh_token,
    expires: Date.now() + Number(token.expires_in) * 1000,
  };
}

let renewal: Promise<Account> | undefined;

/** The options of calls to the portal, with a token that lasts. */
async function options(): Promise<PortalOptions> {
  const { account } = getSession();
  if (account === undefined) throw new Error("Nobody is signed in to the portal.");
  if (account.expires - Date.now() > EARLY) return { accessToken: account.token };
  // Calls that begin at once share one renewal: a refresh token is good once.
  renewal ??= renewed(account).finally(() => {
    renewal = undefined;
  });
  return { accessToken: (await renewal).token };
}

async function renewed(account: Account): Promise<Account> {
  const next = accountBy(account.username, await Auth.RefreshToken(account.refreshToken));
  keepAccount(next);
  return next;
}

/** A call to the portal; where the account's session is over it is signed out. */
export async function inPortal<T>(make: (options: PortalOptions) => Promise<T>): Promise<T> {
  try {
    return await make(await options());
  } catch (error) {
    const status = (error as { status?: number }).status;
    if (isRefused(error) && (status === 401 || status === 400) && isOver(error)) {
      leaveAccount("Your session has ended. Sign in again.");
    }
    throw error;
  }
}

function isOver(error: unknown): boolean {
  const { response } = error as { response?: { status?: number; data?: { error?: string } } };
  return response?.status === 401 || response?.data?.error === "invalid_grant";
}

/** A token of a marketplace once more, for the same user. */
export function anew({ organization, ...asked }: NonNullable<Acting["portal"]>): Promise<Token> {
  return inPortal((each) => ApiClients.GetToken(organization, asked, each));
}

/** Acts in a marketplace: as the account's own default user (PORT-13), or as a user through an API client. */
export async function actIn(organization: Organization, asked: { clientid?: string; username?: string } = {}): Promise<void> {
  const portal = { organization: organization.Id, ...asked };
  const token = await anew(portal);
  const { account } = getSession();
  const acting = actingBy(token, asked.clientid ?? "", asked.username ?? account?.username ?? "");
  act({
    ...acting,
    portal,
    ...(asked.username === undefined && { username: account?.username ?? "", userType: "default user" }),
    marketplace: {
      id: organization.Id,
      name: organization.Name,
      region: organization.Region?.Name ?? organization.Region?.Id,
      environment: organization.Environment,
    },
    baseUrl: organization.CoreApiUrl || acting.baseUrl,
  });
}

export async function signOutOfPortal(): Promise<void> {
  const { account } = getSession();
  leaveAccount();
  // Whether the server hears of it or not: here nobody is signed in any more.
  if (account !== undefined) await Auth.Logout(account.refreshToken).catch(() => undefined);
}
