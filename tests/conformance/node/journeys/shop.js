// What the journeys share: the running server, its demo marketplace, and how to log in to it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Auth, Configuration, Tokens } from "ordercloud-javascript-sdk";

export const demo = JSON.parse(readFileSync(process.env.ENTREPOT_DEMO_FILE, "utf8"));

// The scope of the guide "Making your first request".
export const GUIDE_SCOPE = [
  "CatalogAdmin",
  "BuyerReader",
  "MeAdmin",
  "InventoryAdmin",
  "PasswordReset",
  "OrderAdmin",
  "PriceScheduleAdmin",
  "ProductAdmin",
  "ProductAssignmentAdmin",
  "ShipmentAdmin",
];

Configuration.Set({ baseApiUrl: process.env.ENTREPOT_URL });

/** Logs a demo user in and keeps the token in the SDK. Without a scope: every role that the user has. */
export async function logIn(name, scope) {
  const { username, password } = demo.users[name];
  const token = await Auth.Login(username, password, demo.clientID, scope);
  Tokens.SetAccessToken(token.access_token);
  return token;
}

export function claims(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}

/** Roles of a token: one is a string, several are an array, none is absent (AUTH-21). */
export function roles(token) {
  return [claims(token).role ?? []].flat();
}

/** The OrderCloudError of a call that must be refused. */
export async function refusal(call) {
  const error = await call.then(
    () => assert.fail("the call was not refused"),
    (thrown) => thrown,
  );
  assert.equal(error.isOrderCloudError, true, String(error));
  return error;
}

/** An ID that no earlier run has used. */
export function fresh(prefix) {
  return `${prefix}-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
}
