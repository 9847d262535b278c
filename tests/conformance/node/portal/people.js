// What the portal's journeys share: the running server, its demo account, new accounts, and the mail that they get.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { Accounts, Auth, Configuration } from "@ordercloud/portal-javascript-sdk";

export const demo = JSON.parse(readFileSync(process.env.ENTREPOT_DEMO_FILE, "utf8"));
export const PASSWORD = "A-passw0rd-of-tests";

Configuration.Set({ baseApiUrl: `${process.env.ENTREPOT_URL}/api/v1` });

/** The newest mail to an address, as whoever runs the server reads it by the command. */
export function shownMail(email) {
  const folder = dirname(process.env.ENTREPOT_DEMO_FILE);
  const command = ["-m", "entrepot", "portal", "messages", email, "--most", "1", "--data-dir", folder];
  return execFileSync(process.env.ENTREPOT_PYTHON, command, { encoding: "utf8" });
}

/** The same from the process that runs these journeys: the command takes a second of a core to start. */
async function readMail(email) {
  const answer = await fetch(`${process.env.ENTREPOT_MAIL}/${encodeURIComponent(email)}`);
  assert.equal(answer.status, 200);
  return answer.text();
}

/** The code of the newest mail to an address. */
export async function mailedCode(email, mail = readMail) {
  const [code] = (await mail(email)).match(/\b[2-9A-HJ-NP-Z]{10}\b/);
  return code;
}

/** A name that no earlier run has used. */
export function fresh(prefix) {
  return `${prefix}-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
}

/** A new account; `options` make a call its own. */
export async function someone(prefix = "person") {
  const username = fresh(prefix);
  const email = `${username}@example.com`;
  await Accounts.Register({ Email: email });
  const code = await mailedCode(email);
  await Accounts.Verify({ Email: email, Code: code, Username: username, Name: prefix, Password: PASSWORD });
  const token = await Auth.Login(username, PASSWORD);
  return { username, email, token, options: { accessToken: token.access_token } };
}

/** The demo marketplace's owner. */
export async function owner() {
  const token = await Auth.Login(demo.portal.username, demo.portal.password);
  return { username: demo.portal.username, token, options: { accessToken: token.access_token } };
}

/** The PortalError of a call that must be refused. */
export async function refusal(call) {
  const error = await call.then(
    () => assert.fail("the call was not refused"),
    (thrown) => thrown,
  );
  assert.equal(error.isPortalError, true, String(error));
  return error;
}

/** The error codes of a refusal that is none of OAuth. */
export function codes(error) {
  return error.errors.Errors.map((each) => each.ErrorCode);
}
