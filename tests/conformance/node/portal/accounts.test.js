// Accounts, the caller's own, and tokens, as the portal's SDK asks for them (PORT-1 to PORT-3).
import assert from "node:assert/strict";
import test from "node:test";
import { Accounts, Auth, CurrentUser, Tokens } from "@ordercloud/portal-javascript-sdk";
import { codes, mailedCode, owner, PASSWORD, refusal, shownMail, someone } from "./people.js";

const NEW = "An0ther-passw0rd";

test("Accounts.Register and Verify make an account that Auth.Login knows (PORT-3)", async () => {
  const { username, email, token, options } = await someone("ann");
  assert.equal(token.expires_in, 1199);
  const me = await CurrentUser.Get(options);
  assert.deepEqual([me.Username, me.Email, me.Name, me.Verified, me.SCAdmin], [username, email, "ann", true, false]);
  assert.equal((await Auth.Login(email, PASSWORD, "a recaptcha token")).token_type, "bearer");
});

test("Auth.Login with a wrong password is told by error_description (PORT-2)", async () => {
  const refused = await refusal(Auth.Login("nobody", "wrong"));
  assert.deepEqual([refused.status, refused.errorCode], [400, "invalid_grant"]);
  assert.equal(refused.message, "Username or password is incorrect.");
});

test("Tokens renew by themselves, and Auth.Logout ends the session (PORT-1)", async () => {
  const { username, token } = await someone();
  Tokens.SetRefreshToken(token.refresh_token);
  assert.equal((await CurrentUser.Get()).Username, username);
  assert.equal((await Auth.RefreshToken(token.refresh_token)).refresh_token, token.refresh_token);
  await Auth.Logout(token.refresh_token);
  assert.equal((await refusal(CurrentUser.Get())).status, 401);
  Tokens.RemoveAccessToken();
  Tokens.RemoveRefreshToken();
  assert.equal((await refusal(CurrentUser.Get())).status, 401);
});

test("CurrentUser.Save and AcceptTerms", async () => {
  const { username, email, options } = await someone();
  const saved = await CurrentUser.Save({ Username: `${username}.x`, Email: email, Name: "Bo", Country: "NO", Region: "03" }, options);
  assert.deepEqual([saved.Username, saved.Name, saved.Country, saved.Region], [`${username}.x`, "Bo", "NO", "03"]);
  await CurrentUser.AcceptTerms(options);
  assert.match((await CurrentUser.Get(options)).TermsAccepted, /^\d{4}-\d\d-\d\dT/);
});

test("CurrentUser.ChangePassword, ChangeEmail and VerifyEmail, with Accounts.Confirm", async () => {
  const { username, email, token, options } = await someone();
  const change = { NewPassword: NEW, CurrentPassword: PASSWORD, RefreshToken: token.refresh_token };
  assert.equal((await CurrentUser.ChangePassword(change, options)).Username, username);
  await Auth.Login(username, NEW);
  const other = `new-${email}`;
  await CurrentUser.ChangeEmail({ Email: other, Password: NEW }, options);
  await Accounts.Confirm({ Code: await mailedCode(other) }, options);
  assert.equal((await CurrentUser.Get(options)).Email, other);
  await CurrentUser.VerifyEmail({ Token: "" }, options);
  await Accounts.Confirm({ Code: await mailedCode(other) }, options);
  const again = await refusal(Accounts.Confirm({ Code: "AAAAAAAAAA" }, options));
  assert.deepEqual(codes(again), ["Portal.InvalidCode"]);
});

test("Accounts.ForgotPassword and ResetPassword", async () => {
  const { username, email } = await someone();
  await Accounts.ForgotPassword({ Email: email });
  const reset = await Accounts.ResetPassword({ Email: email, Code: await mailedCode(email, shownMail), Password: NEW });
  assert.equal(reset.Username, username);
  await Auth.Login(username, NEW);
});

test("Accounts.Unlock ends a lock", async () => {
  const { username, email } = await someone();
  for (let attempt = 0; attempt < 10; attempt += 1) await refusal(Auth.Login(username, "wrong"));
  assert.match((await refusal(Auth.Login(username, PASSWORD))).message, /locked/);
  await Accounts.Unlock({ Email: email, Code: await mailedCode(email) });
  await Auth.Login(username, PASSWORD);
});

test("CurrentUser.ListAccounts, LinkAccount and RemoveAccount: one way remains (PORT-3)", async () => {
  const { options } = await someone();
  assert.deepEqual(await CurrentUser.ListAccounts(options), [{ Name: "Password" }]);
  assert.deepEqual(codes(await refusal(CurrentUser.RemoveAccount("Password", options))), ["Portal.LastAuthorizationMethod"]);
  assert.deepEqual(codes(await refusal(CurrentUser.LinkAccount("Github", options))), ["Portal.AuthorizationMethodUnavailable"]);
});

test("the demo start makes an account that runs the server", async () => {
  const { username, options } = await owner();
  const me = await CurrentUser.Get(options);
  assert.deepEqual([me.Username, me.SCAdmin], [username, true]);
});
