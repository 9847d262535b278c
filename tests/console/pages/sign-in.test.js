import assert from "node:assert/strict";
import { REFUSED, URL_OF_SERVER, accessible, demo, looks, open, openForm, person, signInByForm } from "../support/browser.js";

/** Bytes below which a file is not packed: console/scripts/compress.js. */
const SMALLEST = 512;
/** Bytes of packed JavaScript that the first load may take. */
const FIRST_LOAD = 300 * 1024;

person("the first load is small, and brings a page to sign in at", async (page) => {
  const sizes = [];
  page.on("response", async (answer) => {
    if (!answer.url().endsWith(".js")) return;
    const packed = answer.headers()["content-encoding"];
    const size = Number(answer.headers()["content-length"]);
    assert.ok(packed !== undefined || size < SMALLEST, answer.url());
    sizes.push(size);
  });
  await open(page);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.waitForLoadState("networkidle");
  assert.ok(sizes.length >= 2);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total < FIRST_LOAD, `${total} bytes`);
  await looks(page, "sign-in");
});

person("who signs in sees where he is and who he is (CON-1)", async (page) => {
  await signInByForm(page);
  const main = page.getByRole("main");
  await main.getByText(demo.users.admin01.username, { exact: true }).first().waitFor();
  await main.getByText(demo.baseUrl ?? URL_OF_SERVER, { exact: true }).first().waitFor();
  await looks(page, "start");
  await page.getByRole("banner").getByRole("button", { name: new RegExp(demo.users.admin01.username) }).click();
  const card = page.getByRole("dialog");
  for (const shown of [demo.marketplaceID, demo.clientID.toLowerCase(), "Sandbox", "FullAccess"]) {
    await card.getByText(shown, { exact: true }).first().waitFor();
  }
  await looks(page, "who-acts-where");
  await card.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

person("several users side by side, and the tab remembers them (CON-1)", async (page) => {
  await signInByForm(page);
  const bar = page.getByRole("banner").getByRole("button", { expanded: false });
  await bar.first().click();
  await page.getByRole("button", { name: "Add another user" }).click();
  const dialog = page.getByRole("dialog", { name: "Another user" });
  await dialog.getByLabel("Username").fill(demo.users.buyer01.username);
  await dialog.getByLabel(/^Password/).fill(demo.users.buyer01.password);
  await accessible(page);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  const main = page.getByRole("main");
  await main.getByText(demo.users.buyer01.username, { exact: true }).first().waitFor();
  await page.reload();
  await main.getByText(demo.users.buyer01.username, { exact: true }).first().waitFor();
  await page.getByRole("banner").getByRole("button", { name: new RegExp(demo.users.buyer01.username) }).click();
  await page.getByRole("button", { name: new RegExp(`^${demo.users.admin01.username}`) }).last().click();
  await main.getByText(demo.users.admin01.username, { exact: true }).first().waitFor();
});

person(
  "a wrong password is told, and the form stays as it is",
  async (page) => {
    await openForm(page);
    await page.getByLabel("API client ID").fill(demo.clientID);
    await page.getByLabel("Username").fill("admin01");
    await page.getByLabel(/^Password/).fill("Wrong-Password-1");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("The server refuses this").waitFor();
    assert.equal(await page.getByRole("alert").getByText("Username or password is incorrect.").count(), 1);
    await accessible(page);
    assert.equal(await page.getByLabel("API client ID").inputValue(), demo.clientID);
  },
  { expected: [REFUSED] },
);

person("tokens are in no cookie and no address", async (page) => {
  await signInByForm(page);
  await page.getByRole("main").getByText(demo.users.admin01.username, { exact: true }).first().waitFor();
  assert.deepEqual(await page.context().cookies(), []);
  assert.doesNotMatch(page.url(), /eyJ/);
});
