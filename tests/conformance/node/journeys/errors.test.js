// What applications read from a refusal: errorCode, message, status and errors of OrderCloudError.
import assert from "node:assert/strict";
import test from "node:test";
import { Auth, Buyers, Me, Tokens, UserGroups } from "ordercloud-javascript-sdk";
import { demo, fresh, logIn, refusal } from "./shop.js";

const { username, password } = demo.users.buyer01;

test("wrong username and wrong password cannot be told apart (AUTH-11)", async () => {
  const wrongPassword = await refusal(Auth.Login(username, "Wrong-Password-1", demo.clientID));
  const wrongUsername = await refusal(Auth.Login(fresh("nobody"), password, demo.clientID));
  assert.equal(wrongPassword.status, 400);
  assert.equal(wrongPassword.errorCode, "InvalidCredentials");
  assert.equal(wrongPassword.response.data.error, "invalid_grant");
  assert.equal(wrongPassword.message, wrongPassword.response.data.error_description);
  assert.deepEqual(
    wrongPassword.errors.map((error) => error.ErrorCode),
    ["InvalidCredentials", "Auth.InvalidUsernameOrPassword"],
  );
  assert.deepEqual(wrongUsername.response.data, wrongPassword.response.data);
  assert.equal(wrongUsername.status, wrongPassword.status);
});

for (const [what, clientID, status, error] of [
  ["a client that does not exist", "00000000-0000-4000-8000-000000000000", 400, "invalid_grant"],
  ["a client ID that is no GUID", "my-client", 400, "invalid_grant"],
  ["a client whose secret was not sent", demo.integrationClientID, 401, "invalid_client"],
]) {
  test(`InvalidGrant for ${what} (AUTH-11)`, async () => {
    const refused = await refusal(Auth.Login(username, password, clientID));
    assert.deepEqual([refused.status, refused.errorCode], [status, "InvalidGrant"]);
    assert.equal(refused.response.data.error, error);
  });
}

test("without a token the SDK sends a bare `Bearer` (AUTH-27)", async () => {
  Tokens.RemoveAccessToken();
  const refused = await refusal(Me.Get());
  assert.deepEqual([refused.status, refused.errorCode], [401, "InvalidToken"]);
  assert.equal(refused.message, "Access token is invalid or expired.");
});

test("NotFound carries what was not found (ERR-2)", async () => {
  await logIn("admin01", ["FullAccess"]);
  const refused = await refusal(Buyers.Get("no-such-buyer"));
  assert.deepEqual([refused.status, refused.errorCode], [404, "NotFound"]);
  assert.equal(refused.message, "Buyer no-such-buyer not found");
  const child = await refusal(UserGroups.List("no-such-buyer"));
  assert.deepEqual(child.errors[0].Data, { ObjectType: "Buyer", ObjectID: "no-such-buyer" });
});

test("all bad properties at once (ERR-5), a taken ID (ERR-4)", async () => {
  await logIn("admin01", ["FullAccess"]);
  const invalid = await refusal(Buyers.Create({ ID: "not/an/id", Name: "" }));
  assert.deepEqual([invalid.status, invalid.errorCode], [400, "ValidationFailure"]);
  assert.deepEqual(
    invalid.errors.map((error) => error.Data.Property),
    ["ID", "Name"],
  );
  const ID = fresh("taken");
  await Buyers.Create({ ID, Name: "Taken" });
  const taken = await refusal(Buyers.Create({ ID: ID.toUpperCase(), Name: "Taken again" }));
  assert.deepEqual([taken.status, taken.errorCode], [409, "IdExists"]);
  await Buyers.Delete(ID);
});

test("a missing role says which would do (AUTH-30)", async () => {
  await logIn("buyer01", ["Shopper"]);
  const refused = await refusal(Buyers.List());
  assert.deepEqual([refused.status, refused.errorCode], [403, "Auth.InsufficientRoles"]);
  assert.deepEqual(refused.errors[0].Data.AssignedRoles, ["Shopper"]);
  assert.deepEqual(refused.errors[0].Data.SufficientRoles.toSorted(), ["BuyerAdmin", "BuyerReader", "FullAccess"]);
});
