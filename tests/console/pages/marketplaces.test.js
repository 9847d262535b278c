import assert from "node:assert/strict";
import { REFUSED, URL_OF_SERVER, accessible, looks, open, person } from "../support/browser.js";
import { call, listening, mailTo, marketplaceOf, signInAs, somebody, tokenOf } from "../support/portal.js";

/** Calls of the API that a page may take to show itself. */
const MOST_CALLS = 6;
const HOSTILE = `<img src=x onerror="window.broken=1">{{7*7}}\u202Egnp.exe javascript:alert(1)`;

const row = (page, name) => page.getByRole("listitem").filter({ hasText: name });

person("a marketplace is named anew, and says where it is (PORT-5, PORT-8)", async (page) => {
  const owner = await somebody("Olga Owner");
  const { Id } = await marketplaceOf(owner, "Old quay");
  await signInAs(page, owner.username);
  await page.getByRole("link", { name: "People and rights of Old quay" }).click();
  await page.getByRole("heading", { name: "Old quay" }).waitFor();
  const asked = listening(page);
  await page.reload();
  await page.getByText("Nobody but the owner.").waitFor();
  await page.waitForLoadState("networkidle");
  assert.ok(asked.length <= MOST_CALLS, asked.join("\n"));
  const where = page.getByRole("region", { name: "Where it is" });
  for (const shown of [Id, "Sandbox", "US West"]) await where.getByText(shown, { exact: true }).waitFor();
  await where.getByText(/^http:/).waitFor();
  await where.getByRole("button", { name: "Rename" }).click();
  const dialog = page.getByRole("dialog", { name: "Rename the marketplace" });
  await dialog.getByLabel("Name").fill(HOSTILE);
  await accessible(page);
  await dialog.getByRole("button", { name: "Rename it" }).click();
  await page.getByRole("heading", { name: "<img src=x" }).waitFor();
  await looks(page, "marketplace-hostile");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByRole("heading", { name: "<img src=x" }).waitFor();
  await page.getByRole("banner").getByRole("button", { expanded: false }).first().click();
  await page.getByRole("link", { name: "People and rights" }).click();
  await page.getByRole("region", { name: "Where it is" }).waitFor();
  assert.equal(await page.evaluate(() => window.broken), undefined);
});

person("somebody is invited, accepts by the mail's link, and gets other rights (PORT-10)", async (page) => {
  const [owner, guest] = [await somebody("Olga Owner"), await somebody(`Gus ${HOSTILE}`)];
  const { Id } = await marketplaceOf(owner, "Quay of guests");
  await signInAs(page, owner.username, `/marketplaces/${Id}`);
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite somebody" });
  await dialog.getByRole("combobox", { name: "Username" }).fill(guest.username.slice(0, -1));
  await page.getByRole("option", { name: guest.username }).click();
  await dialog.getByRole("combobox", { name: "Roles of its tokens" }).fill("OrderR");
  await page.getByRole("option", { name: "OrderReader" }).click();
  await page.keyboard.press("Escape");
  await dialog.getByLabel("Buyers").check();
  await looks(page, "marketplace-invite");
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  await row(page, guest.username).getByText("invited").waitFor();
  await row(page, guest.username).getByText("OrderReader").waitFor();
  await row(page, guest.username).getByText("acts as buyers").waitFor();
  assert.equal(await row(page, guest.username).getByText(guest.email).count(), 0, "addresses stay private until then");
  await looks(page, "marketplace-people");

  const other = await page.context().browser().newContext({ timezoneId: "Europe/Berlin" });
  const guestPage = await other.newPage();
  await signInAs(guestPage, guest.username, (await mailTo(guest.email)).page);
  await guestPage.getByRole("heading", { name: "Invitations" }).waitFor();
  await row(guestPage, "Quay of guests").getByText("OrderReader").waitFor();
  await looks(guestPage, "invitations");
  await guestPage.getByRole("button", { name: "Accept Quay of guests" }).click();
  await guestPage.getByText("None.").first().waitFor();
  await guestPage.getByRole("link", { name: "Marketplaces" }).click();
  await guestPage.getByRole("button", { name: new RegExp(Id) }).waitFor();
  await guestPage.getByRole("link", { name: "People and rights of Quay of guests" }).click();
  await guestPage.getByRole("region", { name: "You in it" }).getByText("you may look at them").waitFor();
  assert.equal(await guestPage.getByRole("button", { name: /Rename|Invite|Change|Delete it|Give it/ }).count(), 0);
  await looks(guestPage, "marketplace-of-others");

  await page.reload();
  await row(page, guest.username).getByText(guest.email).waitFor();
  await row(page, guest.username).getByRole("button", { name: /^Change/ }).click();
  const rights = page.getByRole("dialog", { name: /^Rights of/ });
  await rights.getByLabel("Administrator").check();
  await rights.getByRole("button", { name: "Save" }).click();
  await row(page, guest.username).getByText("administrator").waitFor();
  await guestPage.reload();
  await guestPage.getByRole("button", { name: "Rename" }).waitFor();
  await guestPage.getByRole("button", { name: /^Leave/ }).click();
  await guestPage.getByRole("button", { name: /^Really leave/ }).click();
  await guestPage.getByText("None yet: make your first one.").waitFor();
  assert.equal(await page.evaluate(() => window.broken), undefined);
  await other.close();
});

person("an invitation is withdrawn, and one is declined", async (page) => {
  const [owner, guest] = [await somebody("Olga Owner"), await somebody("Gus Guest")];
  const { Id } = await marketplaceOf(owner, "Quay of none");
  const invite = () => call("PUT", `/organizations/${Id}/access/users/${guest.username}`, { Roles: ["FullAccess"], IsAdmin: true }, owner.token);
  await invite();
  await signInAs(page, owner.username, `/marketplaces/${Id}`);
  await page.getByRole("button", { name: "Withdraw Gus Guest" }).click();
  await page.getByRole("button", { name: "Really withdraw? Gus Guest" }).click();
  await page.getByText("Nobody but the owner.").waitFor();
  assert.equal((await call("GET", "/me/orginvites", undefined, guest.token)).Items.length, 0);
  await invite();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signInAs(page, guest.username, "/marketplaces");
  await page.getByRole("link", { name: "You are invited to a marketplace" }).click();
  await page.getByRole("button", { name: "Decline Quay of none" }).click();
  await page.getByText("None.").first().waitFor();
  assert.equal((await call("GET", "/organizations", undefined, guest.token)).Items.length, 0);
});

person(
  "a marketplace is given away, and deleted, by mailed codes alone (PORT-10)",
  async (page) => {
    const [owner, heir] = [await somebody("Olga Owner"), await somebody("Heidi Heir")];
    const [given, doomed] = [await marketplaceOf(owner, "Quay to give"), await marketplaceOf(owner, "Quay to go")];
    await signInAs(page, owner.username, `/marketplaces/${given.Id}`);
    await page.getByRole("button", { name: "Enter" }).click();
    await page.getByRole("banner").getByRole("button", { expanded: false }).first().click();
    await page.getByRole("link", { name: "People and rights" }).click();
    await page.getByRole("button", { name: "Give it to somebody" }).click();
    await page.getByRole("combobox", { name: "New owner" }).fill(heir.username);
    await page.getByRole("option", { name: heir.username }).click();
    await page.getByRole("button", { name: "Send me the code" }).click();
    await page.getByText(/A code is on its way/).waitFor();
    await page.getByLabel("Code").fill("2222222222");
    await page.getByRole("button", { name: `Offer it to ${heir.username}` }).click();
    await page.getByRole("alert").getByText("The code is wrong, was used, or has expired.").waitFor();
    await page.getByLabel("Code").fill((await mailTo(owner.email)).code);
    await page.getByRole("button", { name: `Offer it to ${heir.username}` }).click();
    await page.getByText(/is offered to/).waitFor();
    assert.equal((await call("GET", `/organizations/${given.Id}`, undefined, owner.token)).Owner.Username, owner.username);

    const other = await page.context().browser().newContext();
    const heirPage = await other.newPage();
    await signInAs(heirPage, heir.username, (await mailTo(heir.email)).page);
    await row(heirPage, "Quay to give").getByText("to own it").waitFor();
    await looks(heirPage, "invitation-to-own");
    await heirPage.getByRole("button", { name: "Accept Quay to give" }).click();
    await heirPage.getByRole("button", { name: "Accept Quay to give" }).waitFor({ state: "detached" });
    await open(heirPage, `/marketplaces/${given.Id}`);
    await heirPage.getByRole("region", { name: "You in it" }).getByText(/It is yours/).waitFor();
    await other.close();

    await page.reload();
    await page.getByRole("region", { name: "You in it" }).getByText("you may change them").waitFor();
    // The token of before has ended with it.
    await page.getByText(/The session of .* has ended/).waitFor();

    await open(page, `/marketplaces/${doomed.Id}`);
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.getByRole("button", { name: "Send me the code" }).click();
    await page.getByText(/A code is on its way/).waitFor();
    await looks(page, "marketplace-deleting");
    const mail = await mailTo(owner.email);
    await open(page, mail.page);
    await page.getByRole("heading", { name: "Confirm" }).waitFor();
    assert.equal(await page.getByLabel("Code").inputValue(), mail.code);
    await looks(page, "confirm");
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByText("What you have asked for is done.").waitFor();
    await page.getByRole("main").getByRole("link", { name: "marketplaces" }).click();
    await page.getByRole("button", { name: new RegExp(given.Id) }).waitFor();
    assert.equal(await page.getByRole("button", { name: new RegExp(doomed.Id) }).count(), 0);
    const gone = await fetch(`${URL_OF_SERVER}/api/v1/organizations/${doomed.Id}`, {
      headers: { Authorization: `Bearer ${await tokenOf(owner.username)}` },
    });
    assert.equal(gone.status, 404);
  },
  { expected: [REFUSED] },
);
