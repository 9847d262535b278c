// Ten thousand values of an enum, a facet and xp: searched, and never all drawn.
import assert from "node:assert/strict";
import { accessible, looks, open, person, signIn } from "../support/browser.js";

const MANY = Array.from({ length: 10_000 }, (_, index) => `Choice ${String(index).padStart(5, "0")}`);
const LAST = MANY.at(-1);
const xp = { colors: MANY, byName: Object.fromEntries(MANY.map((each) => [each, { on: true }])) };
/** Elements that a page may have. */
const MOST = 6000;

const drawn = (page) => page.locator("*").count();

/** The server as if products had such a property, such a facet and one such xp. */
async function withMany(page) {
  await page.route("**/v1/openapi/v3", async (route) => {
    const json = await (await route.fetch()).json();
    json.components.schemas.Product.properties.Description = { type: "string", enum: [...MANY, null], nullable: true };
    await route.fulfill({ json });
  });
  await page.route("**/v1/products?*", async (route) => {
    const json = await (await route.fetch()).json();
    json.Meta.Facets = [{ Name: "Shade", XpPath: "Shade", Values: MANY.map((Value, index) => ({ Value, Count: index })) }];
    await route.fulfill({ json });
  });
  await page.route("**/v1/products/many", (route) => route.fulfill({ json: { ID: "many", Name: "Many", Active: true, Description: LAST, xp } }));
}

async function choose(page, menu, option = LAST) {
  await menu.click();
  await page.getByRole("option").first().waitFor();
  assert.ok((await page.getByRole("option").count()) <= 100);
  await menu.fill(option.slice(-4));
  await page.getByRole("option", { name: option }).click();
}

person("10,000 choices of an enum and of a facet are found by typing (CON-3)", async (page) => {
  await withMany(page);
  await signIn(page, "admin01", "/data/Products.List");
  const table = page.getByRole("region", { name: "Products", exact: true });
  await table.getByRole("row").nth(1).waitFor();
  const asked = page.waitForRequest((request) => new URL(request.url()).searchParams.get("xp.Shade") === LAST);
  await choose(page, page.getByRole("combobox", { name: "Shade" }));
  await asked;
  await page.getByRole("button", { name: `Remove the filter xp.Shade is one of ${LAST}` }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  const filter = page.getByRole("dialog", { name: "Filter" });
  await choose(page, filter.getByRole("combobox", { name: "Field" }), "Description");
  const filtered = page.waitForRequest((request) => new URL(request.url()).searchParams.get("Description") === LAST);
  await choose(page, filter.getByRole("combobox", { name: "Value" }));
  await filter.getByRole("button", { name: "Add the filter" }).click();
  await filtered;
  await page.getByRole("button", { name: "New", exact: true }).click();
  const drawer = page.getByRole("dialog");
  await choose(page, drawer.getByRole("combobox", { name: "Description" }));
  assert.equal(await drawer.getByRole("combobox", { name: "Description" }).inputValue(), LAST);
  assert.ok((await drawn(page)) < MOST);
  await accessible(page);
  await open(page, "/api/Products.Create");
  await choose(page, page.getByRole("combobox", { name: "Description" }));
  assert.ok((await drawn(page)) < MOST);
  await accessible(page);
});

person("xp of 10,000 values is looked at, edited and saved (CON-3)", async (page) => {
  await withMany(page);
  await signIn(page, "admin01", "/data/Products.List?item=many");
  const drawer = page.getByRole("dialog");
  await drawer.getByText("xp", { exact: true }).waitFor();
  await drawer.getByRole("button", { name: "9,900 more" }).first().click();
  await drawer.getByRole("button", { name: "9,400 more" }).waitFor();
  assert.ok((await drawn(page)) < MOST, `${await drawn(page)} elements`);
  await looks(page, "data-many-xp");
  await drawer.getByRole("tab", { name: "Edit" }).click();
  const editor = drawer.getByRole("textbox", { name: "xp", exact: true });
  await editor.click();
  assert.ok((await drawn(page)) < MOST, `${await drawn(page)} elements`);
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type('"first": 1,');
  const patched = page.waitForRequest((request) => request.method() === "PATCH");
  await drawer.getByRole("button", { name: "Save" }).click();
  const body = (await patched).postDataJSON();
  assert.deepEqual(body, { xp: { first: 1 } });
});
