import assert from "node:assert/strict";
import { REFUSED, URL_OF_SERVER, accessible, looks, open, person as anybody, shot } from "../support/browser.js";
import { PASSWORD, listening, mailTo, signInAs, somebody, tokenOf, unique } from "../support/portal.js";

const MOST_CALLS = 6;
/** The provider's own pages ask for letters of another host. */
const LETTERS = /Failed to load resource: net::ERR/;
const person = (name, act) => anybody(name, act, { expected: [REFUSED, LETTERS] });
const ways = (page) => page.getByRole("region", { name: "Ways to sign in" });
const way = (page, name) => ways(page).getByRole("listitem").filter({ hasText: name });
const marketplaces = (page) => page.getByRole("heading", { name: "Marketplaces" });

/** What somebody does at the provider in Google's place, where everybody exists. */
async function atGoogle(page, name) {
  await page.fill("input[name=login]", name);
  await page.fill("input[name=password]", "any");
  await page.click("button[type=submit]");
  await page.getByRole("heading", { name: "Authorize" }).waitFor();
  await page.click("button[type=submit]");
}

/** The page of another browser of theirs, with nothing of the first one. */
async function elsewhere(page, options = {}) {
  const context = await page.context().browser().newContext(options);
  context.setDefaultTimeout(30_000);
  const other = await context.newPage();
  return { other, close: () => context.close() };
}

person("an account is linked with Google, signs in by it in another browser, and removes it (PORT-3)", async (page) => {
  const { username, email } = await somebody("Greta");
  await signInAs(page, username, "/account");
  await way(page, "Google").getByRole("button", { name: "Link Google" }).waitFor();
  const asked = listening(page);
  await page.reload();
  await way(page, "Google").waitFor();
  await page.waitForLoadState("networkidle");
  assert.ok(asked.length <= MOST_CALLS, asked.join("\n"));
  await looks(page, "account-ways");
  await way(page, "Google").getByRole("button", { name: "Link Google" }).click();
  await atGoogle(page, `google-${username}`);
  await way(page, "Google").getByText("linked").waitFor();
  assert.equal(page.url(), `${URL_OF_SERVER}/#/account`);
  assert.match((await mailTo(email)).text, /linked with Google/);

  const { other, close } = await elsewhere(page);
  await other.goto(`${URL_OF_SERVER}/#/teams`);
  await other.getByRole("button", { name: "Sign in with Google" }).waitFor();
  await accessible(other);
  await shot(other, "sign-in-registered");
  await other.getByRole("button", { name: "Sign in with Google" }).click();
  await atGoogle(other, `google-${username}`);
  await other.getByRole("heading", { name: "Teams", level: 1 }).waitFor();
  await other.getByRole("banner").getByText(username).waitFor();
  assert.equal(other.url(), `${URL_OF_SERVER}/#/teams`);
  await other.reload();
  await other.getByRole("heading", { name: "Teams", level: 1 }).waitFor();

  await way(page, "Google").getByRole("button", { name: "Remove Google" }).click();
  await ways(page).getByRole("button", { name: "Really remove? Google" }).click();
  await way(page, "Google").getByRole("button", { name: "Link Google" }).waitFor();
  await other.reload();
  await other.getByText("Your session has ended").waitFor();
  await close();
});

person("the password goes where another way remains, and the last way stays", async (page) => {
  const { username } = await somebody("Pia");
  await signInAs(page, username, "/account");
  await way(page, "Password").getByRole("button", { name: "Remove Password" }).click();
  await ways(page).getByRole("button", { name: "Really remove? Password" }).click();
  await ways(page).getByRole("alert").getByText("The only way to sign in to an account cannot be removed.").waitFor();
  await way(page, "GitHub").getByRole("button", { name: "Link GitHub" }).click();
  await page.getByRole("link", { name: "Authorize" }).click();
  await way(page, "GitHub").getByText("linked").waitFor();
  await way(page, "Password").getByRole("button", { name: "Remove Password" }).click();
  await ways(page).getByRole("button", { name: "Really remove? Password" }).click();
  await way(page, "Password").getByText("None: sign out").waitFor();
  await looks(page, "account-without-password");
  await assert.rejects(tokenOf(username));

  // Somebody else cannot have the same GitHub account, and is told so on a page that leads back.
  const { other, close } = await elsewhere(page);
  const second = await somebody("Quinn");
  await signInAs(other, second.username, "/account");
  await way(other, "GitHub").getByRole("button", { name: "Link GitHub" }).click();
  await other.getByRole("link", { name: "Authorize" }).click();
  await other.getByText("Another account of this server signs in by it").waitFor();
  await accessible(other);
  await shot(other, "linked-elsewhere");
  await other.getByRole("link", { name: "Go back" }).click();
  await way(other, "GitHub").getByRole("button", { name: "Link GitHub" }).waitFor();
  await close();

  const again = await elsewhere(page);
  await again.other.goto(URL_OF_SERVER);
  await again.other.getByRole("button", { name: "Sign in with GitHub" }).click();
  await again.other.getByRole("link", { name: "Authorize" }).click();
  await marketplaces(again.other).waitFor();
  await again.other.getByRole("banner").getByText(username).waitFor();
  await again.close();
});

person("whoever is unknown makes an account with the address that Google vouches for", async (page) => {
  const name = unique("fresh");
  await open(page);
  await page.getByRole("button", { name: "Sign in with Google" }).click();
  await atGoogle(page, name);
  await page.getByText(`For ${name}@example.com.`).waitFor();
  await page.getByLabel("Username").fill(name);
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByRole("button", { name: "Make my account" }).click();
  await marketplaces(page).waitFor();
  await open(page, "/account");
  await way(page, "Google").getByText("linked").waitFor();
  await page.getByText(`${name}@example.com`).waitFor();
});

person("an account is found by its address, which both sides have confirmed", async (page) => {
  const { username } = await somebody("Ida");
  await open(page);
  await page.getByRole("button", { name: "Sign in with Google" }).click();
  await atGoogle(page, username);
  await marketplaces(page).waitFor();
  await page.getByRole("banner").getByText(username).waitFor();
});

person("who does not agree is told so, and comes back", async (page) => {
  await open(page);
  await page.getByRole("button", { name: "Sign in with Google" }).click();
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: "Login failed" }).waitFor();
  await page.getByText("The identity provider has refused the login. (access_denied)").waitFor();
  await accessible(page);
  await shot(page, "sign-in-refused");
  await page.getByRole("link", { name: "Go back" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

person("nobody is signed in by a link that somebody else has sent (login CSRF)", async (page) => {
  const { username } = await somebody("Mallory");
  // The attacker's browser runs no script, so that the code which it comes back with is not used.
  const { other, close } = await elsewhere(page, { javaScriptEnabled: false });
  const begun = await other.request.post(`${URL_OF_SERVER}/api/v1/authorizationmethods/Google/signin`);
  await other.goto((await begun.json()).RedirectUrl);
  await atGoogle(other, username);
  await other.waitForURL(/#\/signed-in\?code=[A-Z2-9]{10}$/);
  await page.goto(other.url());
  await page.reload();
  await page.getByRole("alert").waitFor();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await close();
});
