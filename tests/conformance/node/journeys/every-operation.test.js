// Every operation of the contract that the SDK knows, called once through it: the server routes each to the operation that
// the SDK means, checks caller and body, and never breaks. What an operation does is the other tests' concern.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as sdk from "ordercloud-javascript-sdk";
import { logIn } from "./shop.js";

const contract = JSON.parse(readFileSync(new URL("../../contract/operations.json", import.meta.url)));
// Operations of API 1.0.470 came after version 12.0.0 of the SDK.
const known = contract.filter((operation) => operation.since === undefined);
const values = { direction: "Incoming" };
const endsSession = /Revoke|Logout/;

function argumentsOf(operation) {
  const path = (operation.path_params ?? []).map((name) => values[name] ?? "no-such");
  return [...path, ...(operation.body ? [{}] : []), {}];
}

async function statusOf(operation) {
  const [resource, method] = operation.id.split(".");
  assert.equal(typeof sdk[resource]?.[method], "function", `the SDK has no ${operation.id}`);
  try {
    await sdk[resource][method](...argumentsOf(operation));
    return 200;
  } catch (error) {
    // What fails before a request is sent is no answer of the server.
    assert.ok(error.isOrderCloudError, `${operation.id}: ${error}`);
    assert.notEqual(error.errors?.[0]?.Data?.ObjectType, "Route", `${operation.id} is no route`);
    return error.status;
  }
}

for (const [user, roles, chosen] of [
  ["admin01", ["FullAccess"], known.filter((operation) => operation.only !== "Buyer")],
  ["buyer01", undefined, known.filter((operation) => operation.id.startsWith("Me.") || operation.id.startsWith("Cart."))],
]) {
  test(`each of ${chosen.length} operations as ${user}`, async () => {
    await logIn(user, roles);
    for (const operation of chosen) {
      const status = await statusOf(operation);
      assert.ok(status < 500, `${operation.id}: ${status}`);
      assert.notEqual(status, 405, operation.id);
      assert.notEqual(status, 401, operation.id);
      if (endsSession.test(operation.id)) await logIn(user, roles);
    }
  });
}
