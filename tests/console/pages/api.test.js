import assert from "node:assert/strict";
import { ask } from "../support/api.js";
import { REFUSED, accessible, demo, looks, person, shot, signIn } from "../support/browser.js";

/** IDs of this run, so that it may be repeated on the same server. */
const RUN = `c${Date.now().toString(36)}`;

const answer = (page, user = demo.users.admin01.username) => page.getByRole("region", { name: `Answer to ${user}` });
const send = (page) => page.getByRole("button", { name: "Send", exact: true }).click();
const status = (page, code, user) => answer(page, user).getByRole("status").getByText(code, { exact: true }).waitFor();

person("the tree leads from a section to an operation, and the search finds it (CON-2)", async (page) => {
  await signIn(page, "admin01", "/api");
  const tree = page.getByRole("complementary", { name: "Operations" });
  await tree.getByRole("button", { name: "Buyers", exact: true }).first().click();
  await tree.getByRole("button", { name: "Buyers", exact: true }).last().click();
  await tree.getByRole("link", { name: /Create a new Buyer/ }).click();
  await page.getByRole("heading", { name: "Create a new Buyer" }).waitFor();
  assert.match(page.url(), /#\/api\/Buyers\.Create$/);
  await page.getByRole("searchbox", { name: "Search operations" }).fill("orders submit");
  await tree.getByRole("link", { name: /Orders\.Submit/ }).click();
  await page.getByText("/v1/orders/{direction}/{orderID}/submit", { exact: true }).waitFor();
});

person("what is named by the words of a search stands before what has them in it", async (page) => {
  await signIn(page, "admin01", "/api");
  const tree = page.getByRole("complementary", { name: "Operations" });
  for (const [words, first] of [
    ["Products.List", "Products.List"],
    ["products list", "Products.List"],
    ["/v1/products/{productID}", "Products.Get"],
    ["POST /v1/products", "Products.Create"],
    ["products", "Products.Get"],
    ["get one Product", "Products.Get"],
    ["orders submit", "Orders.Submit"],
    ["lineitems create", "LineItems.Create"],
  ]) {
    await page.getByRole("searchbox", { name: "Search operations" }).fill(words);
    await tree.getByRole("listitem").first().getByRole("link", { name: new RegExp(`${first}$`) }).waitFor();
  }
});

person("the tree has the operation of a link in sight", async (page) => {
  await signIn(page, "admin01", "/api/Me.Get");
  const here = page.getByRole("complementary", { name: "Operations" }).locator("[aria-current=page]");
  await here.waitFor();
  await page.waitForFunction((link) => {
    const { top, bottom } = link.getBoundingClientRect();
    const list = link.closest(".mantine-ScrollArea-viewport").getBoundingClientRect();
    return top >= list.top && bottom <= list.bottom;
  }, await here.elementHandle());
  assert.equal(await page.evaluate(() => window.scrollY), 0);
});

person("a form makes a buyer, the answer leads to it, and the history has it (CON-3)", async (page) => {
  await signIn(page, "admin01", "/api/Buyers.Create");
  await send(page);
  await page.getByRole("alert").getByText("Look at Name.").waitFor();
  await page.getByLabel(/^ID/).fill(`${RUN}-buyer`);
  await page.getByLabel(/^Name/).fill("Harbour & Sons");
  await page.getByRole("combobox", { name: "Active" }).click();
  await page.getByRole("option", { name: "true" }).click();
  await send(page);
  await status(page, "201");
  await looks(page, "api-buyer");
  await answer(page).getByText(/Headers \(/).click();
  await answer(page).getByRole("rowheader", { name: "location" }).waitFor();
  await answer(page).getByText("JSON", { exact: true }).click();
  await answer(page).getByRole("link", { name: `"${RUN}-buyer"` }).first().click();
  await page.getByRole("heading", { name: "Get one Buyer" }).waitFor();
  await send(page);
  await status(page, "200");
  await answer(page).getByText('"Harbour & Sons"').waitFor();
  await page.getByText("History", { exact: true }).click();
  await page.getByRole("searchbox", { name: "Search the history" }).fill("harbour");
  await page.getByRole("link", { name: /POST.*\/v1\/buyers/ }).first().click();
  assert.equal(await page.getByLabel(/^ID/).inputValue(), `${RUN}-buyer`);
  await shot(page, "api-history");
});

person(
  "what the server refuses is shown at its field",
  async (page) => {
    await signIn(page, "admin01", "/api/Buyers.Create");
    await page.getByLabel(/^ID/).fill("not/an/id");
    await page.getByLabel(/^Name/).fill("x".repeat(200));
    await send(page);
    await status(page, "400");
    for (const field of [/^ID/, /^Name/]) {
      assert.equal(await page.getByLabel(field).getAttribute("aria-invalid"), "true");
    }
    await accessible(page);
  },
  { expected: [REFUSED] },
);

person("references are picked, lists sorted and filtered, and the code does the same (CON-3)", async (page) => {
  await signIn(page, "admin01", "/api/Products.List");
  await page.getByLabel("sortBy").first().fill("!Name");
  await page.keyboard.press("Enter");
  await page.getByLabel("catalogID").first().click();
  await page.getByRole("option").first().click();
  await page.getByRole("button", { name: "Add a filter" }).click();
  await page.getByLabel("Property of filter 1").first().fill("Active");
  await page.getByRole("textbox", { name: "Value of filter 1" }).fill("true");
  await page.getByLabel("pageSize").fill("5");
  await send(page);
  await status(page, "200");
  const names = await answer(page).locator("text=/^Name: /").allTextContents();
  assert.deepEqual(names, names.toSorted().toReversed());
  await looks(page, "api-products");
  await page.getByRole("tab", { name: "Code" }).click();
  const code = page.getByTestId("code");
  assert.match(await code.textContent(), /pageSize=5/);
  assert.match(await code.textContent(), /Active=true/);
  for (const language of ["JavaScript", "C#", "Python"]) await page.getByText(language, { exact: true }).click();
  await looks(page, "api-code");
});

person("the body as JSON: what is no JSON is told, numbers stay (0 is one)", async (page) => {
  await signIn(page, "admin01", "/api/PriceSchedules.Create");
  await page.getByLabel(/^Name/).fill("Free");
  await page.getByLabel(/^MinQuantity/).fill("0");
  await page.getByText("JSON", { exact: true }).click();
  const editor = page.getByRole("textbox", { name: "Body as JSON" });
  await editor.waitFor();
  assert.match((await editor.innerText()).replace(/\s+/g, " "), /"MinQuantity": 0/);
  await editor.fill('{"Name": ');
  await send(page);
  await page.getByText(/This is no JSON/).first().waitFor();
  await editor.fill(`{"ID": "${RUN}-free", "Name": "Free", "PriceBreaks": [{"Quantity": 1, "Price": 0}]}`);
  await looks(page, "api-json");
  await send(page);
  await status(page, "201");
  await answer(page).getByText("Price: ").first().waitFor();
});

person("forms of webhooks and price schedules: operations, API clients and roles from menus, rows of fields (CON-3, CON-4)", async (page) => {
  await signIn(page, "admin01", "/api/Webhooks.Create");
  await page.getByLabel(/^Name/).fill("Told of buyers");
  await page.getByLabel(/^ID/).fill(`${RUN}-hook`);
  await page.getByLabel(/^Url/).fill("https://example.com/hook");
  await page.getByLabel(/^HashKey/).fill("hash");
  const pick = async (label, typed, option) => {
    await page.getByLabel(label).first().fill(typed);
    await page.getByRole("option", { name: option }).first().click();
    await page.keyboard.press("Escape");
  };
  await pick(/^WebhookRoutes/, "POST v1/buyers", "POST v1/buyers");
  await pick(/^ElevatedRoles/, "BuyerR", "BuyerReader");
  await pick(/^ApiClientIDs/, demo.clientID.slice(0, 8), demo.clientID);
  await page.getByRole("combobox", { name: "BeforeProcessRequest" }).click();
  await page.getByRole("option", { name: "false" }).click();
  await looks(page, "api-webhook");
  await send(page);
  await status(page, "201");
  const made = await ask("GET", `/webhooks/${RUN}-hook`);
  assert.deepEqual(made.WebhookRoutes, [{ Route: "v1/buyers", Verb: "POST" }]);
  assert.deepEqual([made.ElevatedRoles, made.ApiClientIDs], [["BuyerReader"], [demo.clientID]]);
  await ask("DELETE", `/webhooks/${RUN}-hook`);
  await page.goto(`${page.url().split("#")[0]}#/api/PriceSchedules.Create`);
  await page.getByLabel(/^ID/).fill(`${RUN}-rows`);
  await page.getByLabel(/^Name/).fill("Two breaks");
  for (const [index, quantity, price] of [[1, "1", "5"], [2, "10", "0"]]) {
    await page.getByRole("button", { name: "Add to PriceBreaks" }).click();
    const row = page.getByRole("group", { name: `PriceBreaks ${index}` });
    await row.getByLabel(/^Quantity/).fill(quantity);
    await row.getByLabel(/^Price/).fill(price);
  }
  await looks(page, "api-rows");
  await send(page);
  await status(page, "201");
  const { PriceBreaks } = await ask("GET", `/priceschedules/${RUN}-rows`);
  assert.deepEqual(PriceBreaks.map(({ Quantity, Price }) => [Quantity, Price]), [[1, 5], [10, 0]]);
});

person("the history holds 500, is searched, and sends again; what it did not keep it does not send", async (page) => {
  await signIn(page, "admin01", "/api");
  await page.evaluate(() => {
    const sent = Array.from({ length: 600 }, (_, index) => ({
      key: `k${index}`, operation: "Buyers.List", verb: "GET", path: `/v1/buyers?search=word${index}`, open: false, at: Date.now() - index, user: "admin01", status: 200, milliseconds: 3,
    }));
    localStorage.setItem("entrepot.sent", JSON.stringify(sent.slice(0, 500)));
  });
  await page.reload();
  await page.getByText("History", { exact: true }).click();
  await page.getByRole("status").getByText("500 of 500").waitFor();
  await page.getByRole("button", { name: "400 more" }).click();
  await page.getByRole("button", { name: "300 more" }).waitFor();
  await page.getByRole("searchbox", { name: "Search the history" }).fill("word499");
  const [request] = await Promise.all([
    page.waitForRequest((each) => each.url().includes("/v1/buyers?search=word499")),
    page.getByRole("button", { name: "Send GET /v1/buyers?search=word499 again" }).click(),
  ]);
  assert.equal(request.method(), "GET");
  await status(page, "200");
  await page.getByRole("searchbox", { name: "Search the history" }).fill("");
  await page.getByRole("status").getByText("500 of 500").waitFor();
  await page.mouse.move(640, 790);
  await page.getByRole("tooltip").waitFor({ state: "detached" });
  await looks(page, "api-resend");
  // Neither an address nor a reload sends anything.
  const sent = [];
  page.on("request", (each) => each.url().includes("/v1/buyers") && sent.push(each.url()));
  await page.reload();
  await page.getByRole("heading", { name: "Get a list of Buyers" }).or(page.getByRole("heading", { level: 2 })).first().waitFor();
  assert.deepEqual(sent, []);
  await page.goto(`${page.url().split("#")[0]}#/api/AdminUsers.Create?${new URLSearchParams({ "~body": JSON.stringify({ Username: `${RUN}-cut`, FirstName: "A", LastName: "B", Email: "a@example.com", Active: true, Password: "Very-Secret-1815" }) })}`);
  await send(page);
  await status(page, "201");
  await page.getByText("History", { exact: true }).click();
  await page.getByRole("button", { name: /of POST \/v1\/adminusers were not kept/ }).waitFor();
});

person("saved requests and links bring the form back, without secrets", async (page) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, "admin01", "/api/AdminUsers.Create");
  await page.getByLabel(/^Username/).fill(`${RUN}-user`);
  await page.getByLabel(/^FirstName/).fill("Ada");
  await page.getByLabel(/^LastName/).fill("Lovelace");
  await page.getByLabel(/^Email/).fill("ada@example.com");
  await page.getByRole("combobox", { name: "Active" }).click();
  await page.getByRole("option", { name: "true" }).click();
  await page.getByLabel(/^Password/).fill("Very-Secret-1815");
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText(/The link to this request is copied/).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.doesNotMatch(decodeURIComponent(link), /Very-Secret/);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("textbox", { name: "Name of the saved request" }).fill("Make Ada");
  await page.keyboard.press("Enter");
  await page.goto(link.replace(demo.baseUrl, new URL(page.url()).origin));
  assert.equal(await page.getByLabel(/^LastName/).inputValue(), "Lovelace");
  await page.getByText("Saved", { exact: true }).click();
  await page.getByRole("link", { name: /Make Ada/ }).waitFor();
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify(localStorage)), /Very-Secret/);
});

person(
  "two users side by side see what each may",
  async (page) => {
    await signIn(page, "admin01", "/api/Buyers.List");
    await page.getByRole("banner").getByRole("button", { name: /admin01/ }).click();
    await page.getByRole("button", { name: "Add another user" }).click();
    const dialog = page.getByRole("dialog", { name: "Another user" });
    await dialog.getByLabel("Username").fill(demo.users.buyer01.username);
    await dialog.getByLabel(/^Password/).fill(demo.users.buyer01.password);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Send also as …" }).click();
    await page.getByRole("menuitem", { name: /admin01/ }).click();
    await status(page, "200", "admin01");
    await status(page, "200", "buyer01").catch(() => status(page, "403", "buyer01"));
    await looks(page, "api-side-by-side");
  },
  { expected: [REFUSED] },
);
