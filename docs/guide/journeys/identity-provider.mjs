// What the login by an identity provider needs around Entrepot: a provider, the pages of an application, and a browser.
import { createServer } from "node:http";
import { once } from "node:events";
import Provider from "oidc-provider";
import { chromium } from "playwright-core";

/** A free address of this machine, with a server that answers by `handler`. */
async function serve(handler) {
  const server = createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

/**
 * An identity provider at which everybody exists: who logs in as `ann` has the address `ann@example.com`. Its login page takes
 * any password.
 */
export async function identityProvider({ client, secret, redirectUri, origin = "example.com" }) {
  let answer;
  const { server, url } = await serve((request, response) => answer(request, response));
  const provider = new Provider(url, {
    clients: [{ client_id: client, client_secret: secret, redirect_uris: [redirectUri], token_endpoint_auth_method: "client_secret_post" }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    // The claims are in the identity token itself.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    ttl: { AccessToken: 3600, Grant: 3600, IdToken: 3600, Interaction: 3600, Session: 3600 },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id, email: `${id}@${origin}`, email_verified: true }),
    }),
  });
  answer = provider.callback();
  return { url, authorizationEndpoint: `${url}/auth`, tokenEndpoint: `${url}/token`, close: () => server.close() };
}

/** The application: whatever page the browser is led to, it shows. */
export async function application() {
  const { server, url } = await serve((_, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end("<!doctype html><title>The application</title><h1>Welcome</h1>");
  });
  return { url, close: () => server.close() };
}

/** A browser without a window. */
export async function browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}

/** What a person does at the provider's pages: give name and password, then agree. */
export async function logIn(page, name) {
  await page.fill("input[name=login]", name);
  await page.fill("input[name=password]", "any");
  await page.click("button[type=submit]");
  // Consent: the application may know the name and the address.
  await page.click("button[type=submit]");
}
