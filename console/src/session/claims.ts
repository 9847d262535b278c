// What tokens say of those who have them.
import type { Auth } from "ordercloud-javascript-sdk";
import type { Acting } from "./store";

/** The answer to a login: `access_token`, `expires_in` in seconds, `refresh_token` where the client has them. */
export type Token = Pick<Awaited<ReturnType<typeof Auth.Login>>, "access_token" | "expires_in" | "refresh_token">;

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
    userType: renewed?.userType ?? { admin: "seller" }[claims.usrtype ?? ""] ?? claims.usrtype ?? "",
    baseUrl: claims.aud ?? window.location.origin,
  };
}
