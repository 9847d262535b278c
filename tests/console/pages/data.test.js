import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ask, token } from "../support/api.js";
import { REFUSED, accessible, looks, open, person, signIn } from "../support/browser.js";

/** Calls of the API that a page may take to show itself. */
const MOST_CALLS = 6;

/** IDs of this run, so that it may be repeated on the same server. */
const RUN = `d${Date.now().toString(36)}`;

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

person("a table that is wider than the page shows where there is more of it", async (page) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, "admin01", "/data/Products.List");
  await drawn(page);
  const shade = (side) => page.locator(`[data-side="${side}"]`);
  await shade("after").waitFor();
  assert.equal(await shade("before").count(), 0);
  await accessible(page);
  await table(page).evaluate((element) => element.scrollTo({ left: element.scrollWidth, behavior: "instant" }));
  await shade("before").waitFor();
  await shade("after").waitFor({ state: "detached" });
  await page.setViewportSize({ width: 4000, height: 844 });
  await shade("before").waitFor({ state: "detached" });
  assert.equal(await shade("after").count(), 0);
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
  await page.getByRole("searchbox", { name: "Search" }).fill("zzqqxx");
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
  "what is refused at the top of a long form is brought into sight, and names are taken out of xp (CON-3, XP-4)",
  async (page) => {
    await signIn(page, "admin01", "/data/Products.List");
    await drawn(page);
    await page.getByRole("button", { name: "New", exact: true }).click();
    const drawer = page.getByRole("dialog");
    const xp = drawer.getByRole("textbox", { name: "xp", exact: true });
    const create = drawer.getByRole("button", { name: "Create" });
    const labels = await drawer.locator("form label").allInnerTexts();
    assert.deepEqual(
      labels.slice(0, 4).map((each) => each.replace(/\W+$/, "")),
      ["ID", "Name", "OwnerID", "DefaultPriceScheduleID"],
    );
    await drawer.getByLabel("ID", { exact: true }).fill("not an ID!");
    await drawer.getByLabel(/^Name/).fill("Long form");
    await create.click();
    await drawer.getByText("ID can hold only letters").waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
    const { y } = await drawer.getByLabel("ID", { exact: true }).boundingBox();
    assert.ok(y > 0 && y < 800, `at ${y}`);
    const id = `console-long-${Date.now()}`;
    await drawer.getByLabel("ID", { exact: true }).fill(id);
    await xp.fill('{"Color": "red", "Size": {"Wide": 1, "High": 2}}');
    await drawer.getByRole("textbox", { name: "Inventory" }).fill('{"Enabled": true, "QuantityAvailable": 7');
    await create.click();
    await drawer.getByText("This is no JSON.").waitFor();
    await drawer.getByRole("textbox", { name: "Inventory" }).fill('{"Enabled": true, "QuantityAvailable": 7}');
    await create.click();
    await drawer.waitFor({ state: "detached" });
    const before = await ask("GET", `/products/${id}`);
    await open(page, `/data/Products.List?item=${id}`);
    await drawer.getByRole("tab", { name: "Edit" }).click();
    await xp.fill('{"Size": {"Wide": 1}}');
    await drawer.getByText("Goes when it is saved: Color, Size.High.").waitFor();
    await looks(page, "data-xp-goes");
    await drawer.getByRole("button", { name: "Save" }).click();
    await page.getByText("It has been changed.").waitFor();
    const after = await ask("GET", `/products/${id}`);
    assert.deepEqual(after, { ...before, xp: { Size: { Wide: 1 } }, Inventory: { ...before.Inventory, LastUpdated: after.Inventory.LastUpdated } });
    await xp.fill('{"Size": null}');
    await drawer.getByRole("button", { name: "Save" }).click();
    await drawer.getByRole("tab", { name: "JSON" }).click();
    await drawer.getByText(/"Size": null/).waitFor();
    await drawer.getByRole("tab", { name: "Edit" }).click();
    await ask("PATCH", `/products/${id}`, { xp: { Weight: 3 } });
    await xp.fill("{}");
    await drawer.getByRole("button", { name: "Save" }).click();
    await drawer.getByRole("tab", { name: "JSON" }).click();
    await drawer.getByText(/"Weight": 3/).waitFor();
    assert.deepEqual((await ask("GET", `/products/${id}`)).xp, { Weight: 3 });
  },
  { expected: [REFUSED] },
);

person("names are taken out of the xp of what nothing replaces, too (XP-4)", async (page) => {
  const order = `${RUN}-paid`;
  const { Items } = await ask("GET", "/me/products?pageSize=1", undefined, { user: "buyer01" });
  await ask("POST", "/orders/Outgoing", { ID: order }, { user: "buyer01" });
  await ask("POST", `/orders/Outgoing/${order}/lineitems`, { ProductID: Items[0].ID, Quantity: 1 }, { user: "buyer01" });
  await ask("POST", `/orders/Outgoing/${order}/payments`, { ID: "paid", Type: "PurchaseOrder", xp: { A: 1, B: 2 } }, { user: "buyer01" });
  await signIn(page, "buyer01", `/data/Payments.List?in.direction=Outgoing&in.orderID=${order}&item=paid`);
  const drawer = page.getByRole("dialog");
  await drawer.getByRole("tab", { name: "Edit" }).click();
  await drawer.getByRole("textbox", { name: "xp", exact: true }).fill('{"A": 1}');
  await drawer.getByRole("button", { name: "Save" }).click();
  await page.getByText("It has been changed.").waitFor();
  const { xp } = await ask("GET", `/orders/Outgoing/${order}/payments/paid`, undefined, { user: "buyer01" });
  assert.deepEqual(xp, { A: 1 });
});

person("references are picked from their lists, and assignments are made and taken away (CON-3)", async (page) => {
  const id = `${RUN}-assigned`;
  await ask("POST", "/products", { ID: id, Name: "Assigned", Active: true });
  await ask("POST", "/buyers", { ID: `${RUN}-buyer`, Name: "Picked", Active: true });
  await ask("POST", "/catalogs/productassignments", { CatalogID: `${RUN}-buyer`, ProductID: id });
  await ask("POST", `/buyers/${RUN}-buyer/usergroups`, { ID: `${RUN}-group`, Name: "Pickers" });
  await signIn(page, "admin01", `/data/Products.List?item=${id}`);
  const drawer = page.getByRole("dialog");
  await drawer.getByRole("tab", { name: "Edit" }).click();
  await drawer.getByLabel("DefaultPriceScheduleID", { exact: true }).first().click();
  await page.getByRole("option").first().waitFor();
  const [price] = await page.getByRole("option").allInnerTexts();
  await page.getByRole("option").first().click();
  assert.equal(await drawer.getByLabel("DefaultPriceScheduleID", { exact: true }).first().inputValue(), price.split("\n")[0]);
  await drawer.getByRole("tab", { name: "Assignments" }).click();
  const kind = drawer.getByRole("combobox", { name: "Assignments" });
  await kind.click();
  await page.getByRole("option", { name: "List assignments of Products", exact: true }).click();
  await drawer.getByText("Nothing is assigned.").waitFor();
  await drawer.getByRole("button", { name: "Assign …" }).click();
  await drawer.getByRole("button", { name: "Assign", exact: true }).click();
  await drawer.getByText("BuyerID is required.").waitFor();
  await drawer.getByLabel(/^BuyerID/).first().fill(RUN);
  await page.getByRole("option", { name: `${RUN}-buyer` }).click();
  await drawer.getByLabel("UserGroupID", { exact: true }).first().click();
  await page.getByRole("option", { name: `${RUN}-group` }).click();
  await drawer.getByRole("button", { name: "Assign", exact: true }).click();
  const away = drawer.getByRole("button", { name: new RegExp(`^Take away .*${RUN}-buyer ${RUN}-group$`) });
  await away.waitFor();
  await looks(page, "data-assignments");
  await away.click();
  await drawer.getByText("Nothing is assigned.").waitFor();
  assert.deepEqual((await ask("GET", `/products/assignments?productID=${id}`)).Items, []);
}, { expected: [REFUSED] });

person("everything that fits is changed at once, also beyond the page; what is refused is tried again (CON-3)", async (page) => {
  const bearer = await token();
  const ids = Array.from({ length: 23 }, (_, index) => `${RUN}-many-${String(index).padStart(2, "0")}`);
  for (const ID of ids) await ask("POST", "/products", { ID, Name: ID }, { bearer });
  const filter = encodeURIComponent(["ID", "begins", `${RUN}-many-`].join("\u001f"));
  await signIn(page, "admin01", `/data/Products.List?size=10&f=${filter}`);
  await page.getByText(/^1 to 10\s*of 23$/).waitFor();
  await page.getByRole("button", { name: "Change all 23 …" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What to change").fill('{"Description": "Seen", "xp": {"Seen": true}}');
  await dialog.getByText("5 of 23, as they would become").waitFor();
  await looks(page, "data-change-all");
  const refuse = (route) =>
    route.request().method() === "PATCH"
      ? route.fulfill({ status: 409, json: { Errors: [{ ErrorCode: "Busy", Message: "Somebody else is at it.", Data: null }] } })
      : route.continue();
  await page.route(`**/v1/products/${ids[20]}`, refuse);
  await dialog.getByRole("button", { name: "Change all 23" }).click();
  await dialog.getByText("22 changed, 1 refused, of 23.").waitFor();
  await dialog.getByText(`${ids[20]}: Somebody else is at it.`).waitFor();
  await looks(page, "data-change-refused");
  await page.unroute(`**/v1/products/${ids[20]}`, refuse);
  await dialog.getByRole("button", { name: "Try the 1 refused again" }).click();
  await dialog.getByText("1 changed, 0 refused, of 1.").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  const { Meta } = await ask("GET", `/products?ID=${RUN}-many-*&xp.Seen=true&Description=Seen&pageSize=1`, undefined, { bearer });
  assert.equal(Meta.TotalCount, 23);
  // Stopped while the first few are on their way, which end; the others stay.
  const held = [];
  await page.route(`**/v1/products/${RUN}-many-*`, (route) => (route.request().method() === "PATCH" ? held.push(route) : route.continue()));
  await page.getByRole("button", { name: "Change all 23 …" }).click();
  await dialog.getByLabel("What to change").fill('{"Description": "Stopped"}');
  await dialog.getByRole("button", { name: "Change all 23" }).click();
  await dialog.getByText("23 of 23 found.").waitFor();
  while (held.length < 4) await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  await dialog.getByRole("button", { name: "Stop" }).click();
  for (const route of held) await route.continue();
  await dialog.getByText(/4 changed, 0 refused, of 23\. Stopped: 19 are as they were\./).waitFor();
}, { expected: [REFUSED] });

person("a list that gives no page keys is taken along by its last IDs (LIST-5)", async (page) => {
  const bearer = await token();
  const asked = [];
  await page.route("**/v1/priceschedules?*", async (route) => {
    asked.push(route.request().url());
    const answer = await route.fetch();
    const json = await answer.json();
    await route.fulfill({ json: { ...json, Meta: { ...json.Meta, NextPageKey: null } } });
  });
  for (let index = 0; index < 105; index += 1) await ask("POST", "/priceschedules", { ID: `${RUN}-price-${index}`, Name: `Price ${index}` }, { bearer });
  await signIn(page, "admin01", "/data/PriceSchedules.List");
  await drawn(page, "Price Schedules");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  const lines = readFileSync(await file.path(), "utf8").trim().split("\r\n");
  const ids = lines.slice(1).map((line) => line.split(",")[0]);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.filter((each) => each.startsWith(`${RUN}-price-`)).length === 105, `${ids.length} lines`);
  assert.ok(asked.some((url) => /[?&]ID=%3E/.test(url) && /sortBy=ID/.test(url)), asked.join("\n"));
});

/** As the console's addresses have them. */
const OPERATORS = {
  is: "is", "is not": "not", "begins with": "begins", "ends with": "ends", contains: "contains", "is one of": "any", "is none of": "none",
  "is more than": "gt", "is at least": "ge", "is less than": "lt", "is at most": "le", "has a value": "there", "has no value": "empty",
  "has a text": "filled", "has no text": "blank",
};

/** A value that the field takes, by the input that it has. */
async function valueFor(form) {
  const menu = form.getByRole("combobox", { name: "Value" });
  if ((await menu.count()) > 0) {
    await menu.click();
    const [first] = await form.getByRole("option").allInnerTexts();
    await form.getByRole("option").first().click();
    return first;
  }
  const input = form.getByLabel("Value", { exact: true });
  if ((await input.count()) === 0) return "";
  return (await input.getAttribute("type")) === "datetime-local" ? "2026-01-01T00:00:00.000Z" : "1";
}

for (const [list, name, least] of [["SecurityProfiles.List", "Security Profiles", 40], ["PriceSchedules.List", "Price Schedules", 150]]) {
  person(`any field of ${name} is filtered by any operator that is offered for it (FLT-6)`, async (page) => {
    await signIn(page, "admin01", `/data/${list}`);
    await table(page, name).waitFor();
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    const form = page.getByRole("dialog", { name: "Filter" });
    const [field, condition] = ["Field", "Condition"].map((label) => form.getByRole("combobox", { name: label }));
    await field.click();
    const names = await form.getByRole("option").allInnerTexts();
    const filters = [];
    for (const each of names) {
      await field.fill(each);
      await form.getByRole("option", { name: each, exact: true }).click();
      if (each === "xp") await form.getByLabel("Path below xp").fill("Color");
      await condition.click();
      const words = await form.getByRole("option").allInnerTexts();
      await form.getByRole("option").first().click();
      const value = await valueFor(form);
      // One of the same twice is asked as two: what was asked before is not asked again.
      const spelled = (word) => (/one of|none of/.test(word) ? `${value}, ${value}` : value);
      for (const word of words) filters.push([each === "xp" ? "xp.Color" : each, OPERATORS[word], spelled(word)]);
    }
    assert.ok(filters.length >= least, `${filters.length} filters`);
    for (const filter of filters) {
      const path = `/v1/${list.split(".")[0].toLowerCase()}`;
      const [answer] = await Promise.all([
        page.waitForResponse((each) => new URL(each.url()).pathname === path),
        // Of the rows that there may be one is enough to draw.
        open(page, `/data/${list}?size=1&f=${encodeURIComponent(filter.join("\u001f"))}`),
      ]);
      assert.equal(answer.status(), 200, filter.join(" "));
    }
    // None of several is neither: two filters, not one of either.
    const [none] = await Promise.all([
      page.waitForRequest((each) => each.url().includes("Two")),
      open(page, `/data/${list}?f=${encodeURIComponent(["Name", "none", "One, Two"].join("\u001f"))}`),
    ]);
    assert.deepEqual(new URL(none.url()).searchParams.getAll("Name"), ["!One", "!Two"]);
  });
}

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
