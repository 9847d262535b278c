// The walk of whoever is new, from sign-up to /v1/me: what the guide of the first steps tells, done by clicking.
import assert from "node:assert/strict";
import { URL_OF_SERVER, looks, open, person, shot } from "../support/browser.js";
import { PASSWORD, mailTo, unique } from "../support/portal.js";

/** To an operation's form, as somebody finds it. */
async function find(page, words, link, heading) {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "API console" }).click();
  await page.getByRole("searchbox", { name: "Search operations" }).fill(words);
  await page.getByRole("complementary", { name: "Operations" }).getByRole("link", { name: link }).click();
  await page.getByRole("heading", { name: heading }).waitFor();
}

const answer = (page) => page.getByRole("region", { name: /^Answer to/ });

async function send(page, status) {
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await answer(page).getByRole("status").getByText(status, { exact: true }).waitFor();
}

const choose = async (page, field, option) => {
  await page.getByRole("combobox", { name: field }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
};

person("from sign-up to /v1/me", async (page) => {
  const run = unique("walk");
  const email = `${run}@example.com`;

  // Sign up, and confirm by the mail's link.
  await open(page);
  await page.getByRole("link", { name: "Make an account" }).click();
  await page.getByRole("heading", { name: "Make an account" }).waitFor();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByText(/A code is on its way/).waitFor();
  await open(page, (await mailTo(email)).page);
  await page.reload();
  await page.getByLabel("Your name").fill("Wanda Walker");
  await page.getByLabel("Username").fill(run);
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByRole("button", { name: "Make my account" }).click();

  // A marketplace.
  await page.getByRole("heading", { name: "Marketplaces" }).waitFor();
  await page.getByRole("button", { name: "New" }).click();
  await page.getByLabel("Name").fill("First quay");
  await page.getByLabel("ID", { exact: true }).fill(run);
  await page.getByRole("button", { name: "Make it" }).click();
  await page.getByRole("heading", { name: "First quay" }).waitFor();
  await looks(page, "walk-start");

  // The API console; an API client and a user.
  await find(page, "apiclients create", /ApiClients\.Create$/, "Create a new ApiClient");
  await page.getByLabel(/^AppName/).fill("First application");
  for (const field of ["Active", "AllowSeller"]) await choose(page, field, "true");
  for (const field of [/^AccessTokenDuration/, /^RefreshTokenDuration/]) await page.getByLabel(field).fill("60");
  await send(page, "201");
  await shot(page, "walk-client");
  const clientID = (await answer(page).getByText(/"[0-9A-F]{8}-[0-9A-F-]{27}"/).first().innerText()).replaceAll('"', "");
  await find(page, "adminusers create", /AdminUsers\.Create$/, "Create a new User");
  await page.getByLabel(/^Username/).fill("first.user");
  await page.getByLabel(/^Password/).first().fill(PASSWORD);
  await page.getByLabel(/^FirstName/).fill("Fia");
  await page.getByLabel(/^LastName/).fill("First");
  await page.getByLabel(/^Email/).first().fill(email);
  await choose(page, "Active", "true");
  await send(page, "201");

  // Base URL, region, environment at the top right; another context by the client and the user.
  await page.getByRole("banner").getByRole("button", { expanded: false }).first().click();
  const card = page.getByRole("dialog");
  const baseUrl = await card.getByText(/^http:/).innerText();
  for (const shown of [run, "US West", "Sandbox", "FullAccess"]) await card.getByText(shown, { exact: true }).first().waitFor();
  await looks(page, "walk-context");
  await card.getByRole("button", { name: "Add another user" }).click();
  const dialog = page.getByRole("dialog", { name: "Another user" });
  await dialog.getByRole("combobox", { name: "API client" }).click();
  await page.getByRole("option", { name: "First application" }).click();
  await dialog.getByRole("combobox", { name: "User" }).fill("first");
  await page.getByRole("option", { name: "first.user" }).click();
  await dialog.getByRole("button", { name: "Act as this user" }).click();
  await page.getByRole("banner").getByRole("button", { name: /first\.user/ }).waitFor();

  // A token, as an application gets it, and /v1/me with it; the same in the console.
  const form = new URLSearchParams({ grant_type: "password", client_id: clientID, username: "first.user", password: PASSWORD });
  const login = await fetch(`${baseUrl.replace(/localhost|127\.0\.0\.1/, new URL(URL_OF_SERVER).hostname)}/oauth/token`, { method: "POST", body: form });
  assert.equal(login.status, 200, await login.clone().text());
  const { access_token } = await login.json();
  const me = await (await fetch(`${URL_OF_SERVER}/v1/me`, { headers: { Authorization: `Bearer ${access_token}` } })).json();
  assert.equal(me.Username, "first.user");
  await find(page, "me get", /Me\.Get$/, /own record/i);
  await send(page, "200");
  await answer(page).getByText('"first.user"').first().waitFor();
  await looks(page, "walk-me");
});
