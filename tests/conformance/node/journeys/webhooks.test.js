// The vendor's own middleware verifies what the server sends it: @ordercloud/catalyst.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import axios from "axios";
import { Addresses, ApiClients, Auth, Buyers, Tokens, Webhooks } from "ordercloud-javascript-sdk";
import { middleware } from "./middleware.js";
import { claims, demo, fresh, logIn, refusal } from "./shop.js";

const HASH_KEY = fresh("key");
const { username, password } = demo.users.admin01;
const buyer = fresh("buyer");
let client, there;

const address = { CompanyName: "Café", Street1: "Main Street 1", City: "Berlin", Zip: "10115", Country: "DE" };
const told = (path) => there.received.filter((each) => each.path === path);

async function hook(path, values) {
  const ID = fresh("hook");
  const body = { Name: `Hook ${path}`, Url: there.url + path, HashKey: HASH_KEY, ApiClientIDs: [client], ...values };
  return Webhooks.Save(ID, body);
}

async function eventually(done) {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail("it did not happen in 30 seconds");
}

before(async () => {
  await logIn("admin01", ["FullAccess"]);
  // A client of its own: webhooks of the demo's would meet everybody.
  const made = { AppName: "Middleware", Active: true, AllowSeller: true, AccessTokenDuration: 60 };
  client = (await ApiClients.Create(made)).ID;
  const knows = ({ Request }) => [200, Request.Body.Zip ? { proceed: true } : { proceed: false, body: { Zip: "unknown" } }];
  there = await middleware({
    hashKey: HASH_KEY,
    // As tokens spell it (AUTH-21): catalyst compares exactly (CAT-4).
    clients: [client.toLowerCase()],
    hooks: {
      "/address": { roles: ["BuyerReader"], types: ["Seller"], answer: knows },
      "/address-told": { roles: ["AddressReader"], answer: () => [200, {}] },
      "/buyers-only": { types: ["Buyer"], answer: () => [200, { proceed: true }] },
      "/default": { answer: () => [200, { proceed: false, body: "Access Denied" }] },
    },
  });
  await Buyers.Save(buyer, { Name: "Buyer", Active: true });
  const { access_token } = await Auth.Login(username, password, client, ["AddressAdmin", "WebhookAdmin", "BuyerReader"]);
  Tokens.SetAccessToken(access_token);
});

after(() => there.close());

test("a webhook blocks an address, and lets another pass (SIG-1, WH-5, WH-7, WH-8)", async () => {
  const routes = [{ Route: "v1/buyers/{buyerID}/addresses", Verb: "POST" }];
  const { ID } = await hook("/address", { WebhookRoutes: routes, BeforeProcessRequest: true, ConfigData: { a: 1 } });
  const blocked = await refusal(Addresses.Create(buyer, { ...address, Zip: null }));
  assert.deepEqual([blocked.status, blocked.errorCode], [400, "Webhook.Blocked"]);
  assert.deepEqual(blocked.errors[0].Data, { WebhookName: "Hook /address", body: { Zip: "unknown" } });
  assert.equal((await Addresses.List(buyer)).Meta.TotalCount, 0);
  const made = await Addresses.Create(buyer, address);
  assert.equal(made.CompanyName, "Café");
  const [first, second] = told("/address");
  assert.deepEqual([first.body.Request.Body.Zip, second.body.Request.Body.Zip], [null, "10115"]);
  assert.deepEqual([second.body.ConfigData, second.body.RouteParams], [{ a: 1 }, { buyerID: buyer }]);
  assert.deepEqual([second.token.usr, second.token.cid, second.token.usrtype], [username, client.toLowerCase(), "Seller"]);
  await Webhooks.Delete(ID);
});

test("with the wrong key, or for the wrong callers, nothing passes (SIG-2, CAT-1, WH-9)", async () => {
  const routes = [{ Route: "v1/buyers/{buyerID}/addresses", Verb: "POST" }];
  for (const [path, HashKey, says] of [
    ["/address", "another", /X-oc-hash header does not match/],
    // CAT-3: catalyst maps `admin` alone, so that its filter for sellers passes and the one for buyers never does.
    ["/buyers-only", HASH_KEY, /InvalidUserType/],
    ["/default", HASH_KEY, /^Access Denied$/],
  ]) {
    const { ID } = await hook(path, { WebhookRoutes: routes, BeforeProcessRequest: true, HashKey });
    const blocked = await refusal(Addresses.Create(buyer, address));
    assert.equal(blocked.errorCode, "Webhook.Blocked");
    assert.match(blocked.errors[0].Data.body, says);
    await Webhooks.Delete(ID);
  }
});

test("a webhook hears of what was done (WH-3, WH-4, WH-11)", async () => {
  const routes = ["POST", "PATCH", "DELETE"].map((Verb) => ({
    Route: `v1/buyers/{buyerID}/addresses${Verb === "POST" ? "" : "/{addressID}"}`,
    Verb,
  }));
  const { ID } = await hook("/address-told", { WebhookRoutes: routes, ElevatedRoles: ["AddressReader"] });
  const made = await Addresses.Create(buyer, address);
  const patched = await Addresses.Patch(buyer, made.ID, { Phone: "1" });
  await Addresses.Delete(buyer, made.ID);
  await refusal(Addresses.Delete(buyer, made.ID));
  await eventually(() => told("/address-told").length === 3);
  assert.deepEqual(
    told("/address-told").map(({ body }) => [body.Verb, body.Request.Body, body.Response.Body]),
    [
      ["POST", address, made],
      ["PATCH", { Phone: "1" }, patched],
      ["DELETE", {}, {}],
    ],
  );
  await Webhooks.Delete(ID);
});

test("catalyst lets those in whose tokens are good, of its clients, types and roles (CAT-1 to CAT-4)", async () => {
  const get = (path, token) =>
    axios.get(there.url + path, { headers: { Authorization: `Bearer ${token}` }, validateStatus: null });
  const { access_token } = await Auth.Login(username, password, client, ["BuyerReader", "MeAdmin"]);
  const answer = await get("/sellers", access_token);
  assert.deepEqual([answer.status, answer.data], [200, { user: username }]);
  const narrow = await Auth.Login(username, password, client, ["MeAdmin", "AddressReader"]);
  assert.deepEqual((await get("/sellers", narrow.access_token)).status, 403);
  assert.equal((await get("/strangers", access_token)).status, 401);
  const [header, payload, signature] = access_token.split(".");
  const forged = Buffer.from(JSON.stringify({ ...claims(access_token), usr: "somebody" })).toString("base64url");
  assert.equal((await get("/sellers", [header, forged, signature].join("."))).status, 401);
  assert.ok(payload !== forged);
});
