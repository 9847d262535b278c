import assert from "node:assert/strict";
import { REFUSED, URL_OF_SERVER, accessible, demo, looks, open, person } from "../support/browser.js";

const RUN = `p${Date.now().toString(36)}`;

async function signIn(page, password = demo.portal.password) {
  await open(page);
  await page.getByRole("tab", { name: "Portal account" }).click();
  await page.getByLabel("Username or e-mail address").fill(demo.portal.username);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

const bar = (page) => page.getByRole("banner").getByRole("button", { expanded: false }).first();

person("an account of the portal chooses a marketplace, and is its default user there (PORT-13, CON-1)", async (page) => {
  await signIn(page);
  await page.getByRole("heading", { name: "Marketplaces" }).waitFor();
  await page.getByRole("button", { name: new RegExp(demo.marketplaceID) }).waitFor();
  await looks(page, "marketplaces");
  await page.getByRole("button", { name: new RegExp(demo.marketplaceID) }).click();
  await bar(page).click();
  const card = page.getByRole("dialog");
  for (const shown of [demo.marketplaceID, URL_OF_SERVER, "Sandbox", "FullAccess"]) {
    await card.getByText(shown, { exact: true }).first().waitFor();
  }
  await looks(page, "portal-context");
  await card.getByRole("button", { name: "Marketplaces" }).click();
  await page.getByRole("heading", { name: "Marketplaces" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

person("through an API client as one of its users (PORT-12, CON-1)", async (page) => {
  await signIn(page);
  await page.getByRole("button", { name: new RegExp(demo.marketplaceID) }).click();
  await bar(page).click();
  await page.getByRole("button", { name: "Add another user" }).click();
  const dialog = page.getByRole("dialog", { name: "Another user" });
  await accessible(page);
  await dialog.getByRole("combobox", { name: "API client" }).click();
  await page.getByRole("option").first().click();
  await dialog.getByRole("combobox", { name: "User" }).fill("buyer01");
  await page.getByRole("option", { name: "buyer01" }).click();
  await dialog.getByRole("button", { name: "Act as this user" }).click();
  await page.getByRole("banner").getByRole("button", { name: /buyer01/ }).waitFor();
  await page.getByRole("main").getByText("demo-buyer", { exact: true }).waitFor();
});

person("a new marketplace is made and entered (PORT-5)", async (page) => {
  await signIn(page);
  await page.getByRole("button", { name: "New" }).click();
  await page.getByLabel(/^Name/).fill("Quay No. 7");
  await page.getByLabel("ID", { exact: true }).fill(RUN);
  await looks(page, "new-marketplace");
  await page.getByRole("button", { name: "Make it" }).click();
  await page.getByRole("heading", { name: "Quay No. 7" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Quay No. 7" }).waitFor();
  assert.deepEqual(await page.context().cookies(), []);
});

person(
  "a wrong password of the portal is told",
  async (page) => {
    await signIn(page, "Wrong-Password-1");
    await page.getByRole("alert").waitFor();
    await accessible(page);
  },
  { expected: [REFUSED] },
);
