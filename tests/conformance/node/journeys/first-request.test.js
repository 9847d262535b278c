// The guide "Making your first request": log in, then ask for one's own record.
import assert from "node:assert/strict";
import test from "node:test";
import { Auth, Certs, Me, Tokens, UserInfo } from "ordercloud-javascript-sdk";
import { GUIDE_SCOPE, claims, demo, logIn, roles } from "./shop.js";

test("login with the guide's scope leaves out what the user lacks or nobody has (AUTH-15)", async () => {
  const token = await logIn("admin01", GUIDE_SCOPE);
  assert.equal(token.token_type, "bearer");
  assert.equal(claims(token.access_token).usrtype, "admin");
  assert.equal(claims(token.access_token).usr, demo.users.admin01.username);
  assert.equal(claims(token.access_token).cid, demo.clientID.toLowerCase());
  assert.equal(claims(token.access_token).exp - claims(token.access_token).iat, token.expires_in + 1);
  assert.deepEqual(roles(token.access_token).sort(), GUIDE_SCOPE.filter((role) => role !== "InventoryAdmin").sort());
  assert.equal(Tokens.GetAccessToken(), token.access_token);
});

for (const [name, type] of [
  ["admin01", "Seller"],
  ["buyer01", "Buyer"],
  ["supplier01", "Supplier"],
]) {
  test(`Me.Get in the shape of a ${type} (AUTH-71)`, async () => {
    await logIn(name);
    const me = await Me.Get();
    assert.equal(me.Username, demo.users[name].username);
    assert.equal(me.Active, true);
    assert.equal(me.Password ?? null, null);
    assert.equal(me.Seller.ID, demo.marketplaceID);
    assert.deepEqual([me.Buyer !== null, me.Supplier !== null], [type === "Buyer", type === "Supplier"]);
    assert.equal(me.CompanyID, (me.Buyer ?? me.Supplier ?? me.Seller).ID);
    assert.match(me.DateCreated, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?\+00:00$/);
    assert.ok(Array.isArray(me.AvailableRoles));
  });
}

test("custom roles alone arrive as `undefined MyRole` and are no error (AUTH-5)", async () => {
  const { username, password } = demo.users.admin01;
  const token = await Auth.Login(username, password, demo.clientID, undefined, ["MyRole"]);
  assert.deepEqual(roles(token.access_token), []);
  assert.equal((await Me.Get({ accessToken: token.access_token })).Username, username);
});

test("a back end logs in with its secret (AUTH-9)", async () => {
  const { integrationClientID, integrationClientSecret, users } = demo;
  const program = await Auth.ClientCredentials(integrationClientSecret, integrationClientID, ["FullAccess"]);
  assert.deepEqual(roles(program.access_token), ["FullAccess"]);
  assert.equal((await Me.Get({ accessToken: program.access_token })).Username, users.admin01.username);
  const elevated = await Auth.ElevatedLogin(
    integrationClientSecret,
    users.admin01.username,
    users.admin01.password,
    integrationClientID,
    ["MeAdmin"],
  );
  assert.deepEqual(roles(elevated.access_token), ["MeAdmin"]);
});

test("the key of a token and the caller's identity are at the host root (AUTH-23, AUTH-24)", async () => {
  const { access_token } = await logIn("buyer01");
  const { kid } = JSON.parse(Buffer.from(access_token.split(".")[0], "base64url").toString());
  const key = await Certs.GetPublicKey(kid);
  assert.deepEqual([key.kty, key.alg, key.use, key.kid, key.e], ["RSA", "RS256", "sig", kid, "AQAB"]);
  const info = await UserInfo.GetToken();
  assert.equal(claims(info.identity_token).preferred_username, demo.users.buyer01.username);
});
