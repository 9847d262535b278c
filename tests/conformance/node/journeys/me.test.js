// The caller's own record: change it, put it back, refresh the token, revoke it.
import assert from "node:assert/strict";
import test from "node:test";
import { ApiClients, Auth, Configuration, Me, Tokens } from "ordercloud-javascript-sdk";
import { claims, demo, fresh, logIn, refusal, roles } from "./shop.js";

test("Me.Patch changes what it names and merges xp (AUTH-72, CONV-4, XP-4)", async () => {
  await logIn("admin01", ["FullAccess"]);
  const before = await Me.Get();
  await Me.Patch({ xp: { journey: { a: 1, b: 2 } } });
  const after = await Me.Patch({ FirstName: "Jo", xp: { journey: { b: 3 } } });
  assert.equal(after.FirstName, "Jo");
  assert.equal(after.LastName, before.LastName);
  assert.deepEqual(after.xp.journey, { a: 1, b: 3 });
  assert.deepEqual(await Me.Get(), after);
  // A record that was read can be saved as it is: read-only members are ignored (BODY-2).
  assert.deepEqual(await Me.Save(before), before);
});

test("Me.Patch with MeAdmin as a buyer user", async () => {
  await logIn("buyer01", ["MeAdmin"]);
  const { Phone } = await Me.Get();
  assert.equal((await Me.Patch({ Phone: "555-0100" })).Phone, "555-0100");
  assert.equal((await Me.Patch({ Phone })).Phone, Phone);
});

test("refresh: the SDK gets a new token by itself and the old refresh token stays valid (AUTH-8)", async () => {
  await logIn("admin01", ["FullAccess"]);
  const client = await ApiClients.Create({
    AppName: fresh("refreshing"),
    Active: true,
    AllowSeller: true,
    AccessTokenDuration: 30,
    RefreshTokenDuration: 60,
  });
  const { username, password } = demo.users.admin01;
  const token = await Auth.Login(username, password, client.ID, ["MeAdmin", "BuyerReader"]);
  assert.equal(token.expires_in, 30 * 60 - 1);
  assert.match(token.refresh_token, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
  for (let turn = 0; turn < 2; turn += 1) {
    const renewed = await Auth.RefreshToken(token.refresh_token, client.ID);
    assert.deepEqual(roles(renewed.access_token).sort(), ["BuyerReader", "MeAdmin"]);
  }

  Configuration.Set({ clientID: client.ID });
  Tokens.RemoveAccessToken();
  Tokens.SetRefreshToken(token.refresh_token);
  assert.equal((await Me.Get()).Username, username);
  assert.equal(claims(Tokens.GetAccessToken()).cid, client.ID.toLowerCase());
  Tokens.RemoveRefreshToken();
  Configuration.Set({ clientID: null });

  const unknown = await refusal(Auth.RefreshToken("00000000-0000-4000-8000-000000000000", client.ID));
  assert.deepEqual([unknown.status, unknown.errorCode], [400, "InvalidGrant"]);
  const foreign = await refusal(Auth.RefreshToken(token.refresh_token, demo.clientID));
  assert.deepEqual([foreign.status, foreign.errorCode], [400, "InvalidGrant"]);
});

test("a guest shops, registers, and is a user (AUTH-33, AUTH-35, AUTH-37)", async () => {
  const guest = await Auth.Anonymous(demo.anonymousClientID, ["Shopper"]);
  assert.equal(guest.refresh_token, undefined);
  assert.match(claims(guest.access_token).orderid, /^[A-Za-z0-9_-]{22}$/);
  assert.equal(claims(guest.access_token).usrtype, "buyer");
  const other = await Auth.Anonymous(demo.anonymousClientID, ["Shopper"]);
  assert.notEqual(claims(other.access_token).orderid, claims(guest.access_token).orderid);

  const options = { accessToken: guest.access_token };
  assert.equal((await Me.Get(options)).Username, claims(guest.access_token).usr);
  const refused = await refusal(Me.RevokeTokens(options));
  assert.deepEqual([refused.status, refused.errorCode], [403, "Auth.AnonUserProhibited"]);

  const Username = fresh("guest");
  const user = { Username, FirstName: "G", LastName: "Uest", Email: `${Username}@example.com`, Active: true };
  const registered = await Me.Register(
    { ...user, Password: "Correct-Horse-7-Battery" },
    { anonUserToken: guest.access_token },
    options,
  );
  assert.deepEqual(Object.keys(registered), ["access_token"]);
  assert.equal((await Me.Get({ accessToken: registered.access_token })).Username, Username);
  assert.equal(claims(registered.access_token).orderid, undefined);
  const again = await Auth.Login(Username, "Correct-Horse-7-Battery", demo.clientID);
  assert.equal(claims(again.access_token).usr, Username);

  await Me.RevokeTokens({ accessToken: again.access_token });
  const revoked = await refusal(Me.Get({ accessToken: again.access_token }));
  assert.deepEqual([revoked.status, revoked.errorCode], [401, "Auth.TokenRevoked"]);
});
