// People of the portal: their accounts, made as they make them, and the mail that the server keeps for them.
import assert from "node:assert/strict";
import { URL_OF_SERVER, open } from "./browser.js";

export const PASSWORD = "Quay-and-Crane-7";

let made = 0;
/** Unique on the server: "r5f3k2-1". */
export function unique(letter) {
  made += 1;
  return `${letter}${Date.now().toString(36)}-${made}`;
}

/** The newest mail to an address, as `entrepot portal messages` shows it; its code, and the page of the console that it leads to. */
export async function mailTo(email) {
  const answer = await fetch(`${process.env.ENTREPOT_MAIL}/${encodeURIComponent(email)}`);
  const text = await answer.text();
  assert.ok(answer.ok, text);
  const page = /\S+\/#(\/\S*)/.exec(text)?.[1];
  return { text, code: /Verification code: (\S+)/.exec(text)?.[1], page };
}

/** A call to the portal without the console; its answer's JSON. */
export async function call(verb, path, body, token) {
  const answer = await fetch(`${URL_OF_SERVER}/api/v1${path}`, {
    method: verb,
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const said = await answer.text();
  assert.ok(answer.ok, `${verb} ${path}: ${answer.status} ${said}`);
  return said === "" ? undefined : JSON.parse(said);
}

/** Somebody with an account: names, token. */
export async function somebody(name = "Somebody") {
  const username = unique("p");
  const email = `${username}@example.com`;
  await call("POST", "/register", { Email: email });
  await call("POST", "/verify", { Email: email, Code: (await mailTo(email)).code, Username: username, Password: PASSWORD, Name: name });
  return { username, email, name, token: await tokenOf(username) };
}

export async function tokenOf(username, password = PASSWORD) {
  const form = new URLSearchParams({ grant_type: "password", username, password });
  const answer = await fetch(`${URL_OF_SERVER}/oauth/token`, { method: "POST", body: form });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).access_token;
}

/** A sandbox of somebody's. */
export async function marketplaceOf({ token }, name = "A quay") {
  const Id = unique("m");
  return await call("PUT", `/organizations/${Id}`, { Id, Name: name, Environment: "Sandbox", Region: { Id: "usw" } }, token);
}

/** Signs in with the console's form. */
export async function signInAs(page, username, path = "/", password = PASSWORD) {
  await open(page, path);
  await page.getByLabel("Username or e-mail address").fill(username);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor({ state: "attached" });
}

/** What pages ask of the server from now on, as "GET /api/v1/me". */
export function listening(page) {
  const asked = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/(v1|entrepot|oauth|env|api)(\/|$)/.test(pathname)) asked.push(`${request.method()} ${pathname}`);
  });
  return asked;
}
