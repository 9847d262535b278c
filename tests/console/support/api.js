// What tests do beside the browser: the API as one of the demo's users.
import assert from "node:assert/strict";
import { URL_OF_SERVER, demo } from "./browser.js";

export async function token(user = "admin01") {
  const { username, password } = demo.users[user];
  const form = { grant_type: "password", client_id: demo.clientID, username, password };
  const answer = await fetch(`${URL_OF_SERVER}/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
  return (await answer.json()).access_token;
}

/** One call as somebody, below /v1; the answer's JSON. Whatever is refused fails the test. */
export async function ask(verb, path, body, { user = "admin01", bearer, headers = {} } = {}) {
  const answer = await fetch(`${URL_OF_SERVER}/v1${path}`, {
    method: verb,
    headers: { Authorization: `Bearer ${bearer ?? (await token(user))}`, "Content-Type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${verb} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? undefined : answer.json();
}
