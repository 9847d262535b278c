import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { REFUSED, accessible, looks, open, person, signIn } from "../support/browser.js";

/** Calls of the API that a page may take to show itself. */
const MOST_CALLS = 6;

function table(page, name = "Products") {
  return page.getByRole("region", { name, exact: true });
}

async function drawn(page, name) {
  await table(page, name).getByRole("row").nth(1).waitFor();
}

person("a list is a table, and takes few calls (CON-3)", async (page) => {
  await signIn(page);
  await page.getByRole("main").getByRole("heading", { level: 1 }).waitFor();
  const calls = [];
  page.on("request", (request) => {
    if (/\/(v1|entrepot|oauth|env|api)(\/|$)/.test(new URL(request.url()).pathname)) calls.push(request.url());
  });
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Data" }).click();
  await drawn(page);
  assert.ok(calls.length <= MOST_CALLS, calls.join("\n"));
  await looks(page, "data-products");
});

person("search, filters, order and columns, kept in the address (CON-3)", async (page) => {
  await signIn(page, "admin01", "/data/Products.List");
  await drawn(page);
  await table(page).getByRole("button", { name: "ID", exact: true }).click();
  await page.waitForURL(/sort=ID/);
  await drawn(page);
  const first = table(page).getByRole("row").nth(1).getByRole("button").first();
  const id = await first.innerText();
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Filter" });
  await form.getByRole("combobox", { name: "Field" }).click();
  await form.getByRole("option", { name: "ID", exact: true }).click();
  await form.getByRole("textbox", { name: "Value" }).fill(id);
  await accessible(page);
  await form.getByRole("button", { name: "Add the filter" }).click();
  await page.getByText(/^1 to 1\s*of 1$/).waitFor();
  await page.reload();
  await page.getByText(/^1 to 1\s*of 1$/).waitFor();
  await page.getByRole("button", { name: `Remove the filter ID is ${id}` }).click();
  await page.getByRole("searchbox", { name: "Search" }).fill("no product is called so");
  await page.getByText("Nothing is here that fits.").waitFor();
  await page.getByRole("searchbox", { name: "Search" }).fill("");
  await drawn(page);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByLabel("Of xp").fill("Color");
  await page.getByRole("dialog", { name: "Columns" }).getByRole("button", { name: "Add" }).click();
  await table(page).getByText("xp.Color").waitFor();
});

person("pages by number and by key, and all of it as a file (CON-3)", async (page) => {
  await signIn(page, "admin01", "/data/Products.List?size=10");
  await drawn(page);
  await page.getByText(/^1 to 10\s*of/).waitFor();
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText(/^11 to/).waitFor();
  await page.getByLabel("By key").click();
  await page.getByText(/^1 to 10\s*of/).waitFor();
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText(/^11 to/).waitFor();
  assert.match(page.url(), /key=/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  const lines = readFileSync(await download.path(), "utf8").trim().split("\r\n");
  const total = Number(/of ([\d,]+)/.exec(await page.getByText(/^11 to/).innerText())[1].replaceAll(",", ""));
  assert.match(lines[0], /^ID,Name/);
  assert.ok(lines.length > total, `${lines.length} lines for ${total} products`);
});

person(
  "something is made, changed and deleted, and refusals stand at their fields (CON-3)",
  async (page) => {
    const buyer = `console-buyer-${Date.now()}`;
    await signIn(page, "admin01", "/data/Buyers.List");
    await page.getByRole("button", { name: "New", exact: true }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByLabel("ID", { exact: true }).fill("made here!");
    await drawer.getByRole("button", { name: "Create" }).click();
    await drawer.getByText("Name is required.").waitFor();
    await drawer.getByLabel(/^Name/).fill("<b>Bold</b> & Sons");
    await drawer.getByLabel("ID", { exact: true }).fill(buyer);
    await drawer.getByLabel("xp").fill('{"Tier": 1}');
    await accessible(page);
    await drawer.getByRole("button", { name: "Create" }).click();
    await page.getByRole("button", { name: buyer }).click();
    await drawer.getByText("<b>Bold</b> & Sons").waitFor();
    await looks(page, "data-one");
    await drawer.getByRole("tab", { name: "Edit" }).click();
    await drawer.getByLabel(/^Name/).fill("Bold and Sons");
    await drawer.getByRole("button", { name: "Save" }).click();
    await drawer.getByRole("tab", { name: "Properties" }).click();
    await drawer.getByText("Bold and Sons").waitFor();
    await drawer.getByRole("tab", { name: "Related" }).click();
    await drawer.getByRole("link").first().waitFor();
    await accessible(page);
    await drawer.getByRole("tab", { name: "Properties" }).click();
    await drawer.getByRole("button", { name: "Delete …" }).click();
    await drawer.getByRole("button", { name: "Delete", exact: true }).click();
    await drawer.waitFor({ state: "detached" });
    await page.getByRole("button", { name: buyer }).waitFor({ state: "detached" });
  },
  { expected: [REFUSED] },
);

person(
  "what is refused at the top of a long form is brought into sight, and names that a PATCH keeps are told (CON-3, XP-4)",
  async (page) => {
    await signIn(page, "admin01", "/data/Products.List");
    await drawn(page);
    await page.getByRole("button", { name: "New", exact: true }).click();
    const drawer = page.getByRole("dialog");
    const create = drawer.getByRole("button", { name: "Create" });
    await drawer.getByLabel("ID", { exact: true }).fill("not an ID!");
    await drawer.getByLabel(/^Name/).fill("Long form");
    await create.click();
    await drawer.getByText("ID can hold only letters").waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
    const { y } = await drawer.getByLabel("ID", { exact: true }).boundingBox();
    assert.ok(y > 0 && y < 800, `at ${y}`);
    const id = `console-long-${Date.now()}`;
    await drawer.getByLabel("ID", { exact: true }).fill(id);
    await drawer.getByLabel("xp").fill('{"Color": "red", "Size": {"Wide": 1, "High": 2}}');
    await create.click();
    await drawer.waitFor({ state: "detached" });
    await open(page, `/data/Products.List?item=${id}`);
    await drawer.getByRole("tab", { name: "Edit" }).click();
    await drawer.getByLabel("xp").fill('{"Size": {"Wide": 1}}');
    await drawer.getByRole("button", { name: "Save" }).click();
    await drawer.getByText(/Give null to empty: Color, Size.High\./).waitFor();
    await accessible(page);
    await drawer.getByLabel("xp").fill('{"Color": null, "Size": {"Wide": 1, "High": 3}}');
    await drawer.getByRole("button", { name: "Save" }).click();
    await page.getByText("It has been changed.").waitFor();
    await drawer.getByRole("tab", { name: "JSON" }).click();
    await drawer.getByText(/"Color": null/).waitFor();
  },
  { expected: [REFUSED] },
);

person("many are changed at once, after a look at what would become of them (CON-3)", async (page) => {
  await signIn(page, "admin01", "/data/Products.List?size=10");
  await drawn(page);
  await page.getByRole("checkbox", { name: "Choose all of this page" }).check();
  await page.getByRole("button", { name: "Change 10 …" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What to change").fill('{"xp": {"Looked": true}}');
  await dialog.getByRole("row").nth(1).getByText("xp.Looked").waitFor();
  await accessible(page);
  await dialog.getByRole("button", { name: "Change them" }).click();
  await dialog.getByText("10 changed, 0 refused, of 10.").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
});

person("a list of something asks of what, is reached from it, and takes a user who is not active (CON-3)", async (page) => {
  await signIn(page, "admin01", "/data/Users.List");
  await page.getByText(/Say of which buyerID/).waitFor();
  await accessible(page);
  await open(page, "/data/Buyers.List");
  await table(page, "Buyers").getByRole("row").nth(1).getByRole("button").first().click();
  await page.getByRole("dialog").getByRole("tab", { name: "Related" }).click();
  await page.getByRole("dialog").getByRole("link", { name: /Users/ }).first().click();
  await table(page, "Users").waitFor();
  const id = `console-idle-${Date.now()}`;
  await page.getByRole("button", { name: "New", exact: true }).click();
  const drawer = page.getByRole("dialog");
  for (const [label, value] of [["ID", id], ["Username", id], ["FirstName", "Ida"], ["LastName", "Idle"], ["Email", "ida@example.com"]]) {
    await drawer.getByRole("textbox", { name: label, exact: true }).fill(value);
  }
  await drawer.getByRole("button", { name: "Create" }).click();
  await table(page, "Users").getByRole("row").filter({ hasText: id }).getByText("no", { exact: true }).waitFor();
});
