import assert from "node:assert/strict";
import { REFUSED, URL_OF_SERVER, demo, looks, open, person, shot, signIn } from "../support/browser.js";

async function token(user = "admin01") {
  const { username, password } = demo.users[user];
  const body = new URLSearchParams({ grant_type: "password", client_id: demo.clientID, username, password });
  return (await (await fetch(`${URL_OF_SERVER}/oauth/token`, { method: "POST", body })).json()).access_token;
}

async function caller(user) {
  const bearer = await token(user);
  return async (verb, path, sent) => {
    const headers = { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" };
    const answer = await fetch(`${URL_OF_SERVER}/v1/${path}`, { method: verb, headers, body: sent && JSON.stringify(sent) });
    assert.ok(answer.ok, `${verb} ${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.status === 204 ? undefined : answer.json();
  };
}

const RUN = Math.random().toString(36).slice(2, 8);

/** A buyer of this program's own with a cart: two boots at 70, one lamp at 30. */
async function cart(ask, id) {
  const buyer = `expr-${id}-${RUN}`;
  await ask("PUT", `buyers/${buyer}`, { Name: "Writers", Active: true });
  const ann = { Username: `${buyer}-ann`, FirstName: "Ann", LastName: "Asks", Email: "a@example.com", Active: true };
  await ask("PUT", `buyers/${buyer}/users/ann`, ann);
  for (const [product, price] of [["boot", 70], ["lamp", 30]]) {
    await ask("PUT", `priceschedules/${buyer}-${product}`, { Name: product, PriceBreaks: [{ Quantity: 1, Price: price }] });
    const schedule = { DefaultPriceScheduleID: `${buyer}-${product}` };
    await ask("PUT", `products/${buyer}-${product}`, { Name: product, Active: true, ...schedule, xp: { Kind: product } });
    await ask("POST", "catalogs/productassignments", { CatalogID: buyer, ProductID: `${buyer}-${product}` });
  }
  await ask("PUT", `orders/Incoming/${buyer}`, { FromCompanyID: buyer, FromUserID: "ann", xp: { Channel: "Web", Tags: ["new", "gift"] } });
  await ask("POST", `orders/Incoming/${buyer}/lineitems`, { ID: "boots", ProductID: `${buyer}-boot`, Quantity: 2 });
  await ask("POST", `orders/Incoming/${buyer}/lineitems`, { ID: "lamp", ProductID: `${buyer}-lamp`, Quantity: 1 });
  return buyer;
}

const field = (page, name) => page.getByRole("textbox", { name, exact: true });

/** Messages lie over the page until they go. */
async function withoutMessages(page) {
  await page.getByRole("button", { name: "Close the message" }).first().waitFor({ state: "detached" });
}

/** What is written is replaced, key by key. */
async function write(page, name, text) {
  await field(page, name).click();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

person(
  "a promotion is written, mended, tried on a cart and saved (CON-6)",
  async (page) => {
    const ask = await caller();
    const order = await cart(ask, "promo");
    await signIn(page, "admin01", "/expressions");
    await page.getByRole("heading", { name: "Expressions", level: 1 }).waitFor();
    await looks(page, "expressions-empty");

    // By keyboard, with completion: the order's own xp is among what is offered.
    await page.getByRole("combobox", { name: "Order ID" }).fill(order);
    await page.getByRole("combobox", { name: "Order ID" }).press("Enter");
    await field(page, "EligibleExpression").click();
    await page.keyboard.type("ord");
    await page.getByRole("option", { name: /^order/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.type(".xp.Ch");
    await page.getByRole("option", { name: /^Channel/ }).waitFor();
    await page.getByText('In the order: "Web"').waitFor();
    await shot(page, "expressions-completion");
    await page.keyboard.press("Enter");
    await page.keyboard.type(" = 'Web' and items.q");
    await page.getByRole("option", { name: /^quantity/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.type("Product.xp.Ki");
    await page.getByRole("option", { name: /^Kind/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.type(" = 'boot'");
    await page.keyboard.press("End");
    await page.keyboard.type(" >= 2");
    const written = "order.xp.Channel = 'Web' and items.quantity(Product.xp.Kind = 'boot') >= 2";
    assert.equal(await field(page, "EligibleExpression").innerText(), written);

    // A mistake is marked where it stands, and said in words.
    await write(page, "ValueExpression", "order.Subtotl * .1");
    const mark = page.locator(".cm-lintRange-error");
    await mark.waitFor();
    assert.equal(await mark.innerText(), "order.Subtotl");
    await page.getByText(/The expression names something that it cannot know\. \(At character 1\.\)/).first().waitFor();
    await page.getByText("It is tried as soon as it can be saved.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Make the promotion" }).isDisabled(), true);
    await looks(page, "expressions-mistake");
    await write(page, "ValueExpression", "order.Subtotal * .1");
    await page.getByText("Eligible: takes off").waitFor();
    assert.match(await page.getByRole("status").filter({ hasText: "Eligible" }).innerText(), /takes off \D*17\.00/);
    assert.equal(await mark.count(), 0);
    await page.getByText("items.quantity(Product.xp.Kind = 'boot') is 2").waitFor();
    await looks(page, "expressions-tried");

    // Saving tells at their fields what stands against it.
    await page.getByRole("button", { name: "Make the promotion" }).click();
    await page.getByText("Code is required.").waitFor();
    await page.getByLabel("Code").fill(`EXPR${RUN}`);
    await page.getByLabel(/^ID/).fill(`expr-${RUN}`);
    await page.getByRole("button", { name: "Make the promotion" }).click();
    await page.getByText(`Changing promotion expr-${RUN}`).waitFor();
    await ask("POST", `orders/Incoming/${order}/promotions/EXPR${RUN}`);
    const { Items: applied } = await ask("GET", `orders/Incoming/${order}/promotions`);
    assert.deepEqual(applied.map(({ ID, Amount }) => [ID, Amount]), [[`expr-${RUN}`, 17]]);

    // Changed once more: its own discount does not count, and the clause that fails is named.
    await write(page, "EligibleExpression", "order.Subtotal > 500 and order.PromotionDiscount = 0");
    await page.getByText("Not eligible").waitFor();
    await page.getByRole("list").getByText("(order.Subtotal is 170)").waitFor();
    await page.getByRole("button", { name: `Save to expr-${RUN}` }).click();
    await page.getByText(`Saved the promotion expr-${RUN}`).waitFor();
    const saved = await ask("GET", `promotions/expr-${RUN}`);
    assert.equal(saved.EligibleExpression, "order.Subtotal > 500 and order.PromotionDiscount = 0");
    await withoutMessages(page);
    await looks(page, "expressions-not-eligible");
  },
  { expected: [REFUSED] },
);

person("each line item under a promotion at its level (CON-6)", async (page) => {
  const ask = await caller();
  const order = await cart(ask, "lines");
  await signIn(page, "admin01", `/expressions/lineitems?order=${order}`);
  await write(page, "EligibleExpression", "item.UnitPrice > 50");
  await write(page, "ValueExpression", "item.UnitPrice / 2");
  await page.getByLabel("Units of an order at most").fill("1");
  await page.getByText("Eligible: takes off").waitFor();
  const rows = page.getByRole("row");
  await rows.filter({ hasText: `${order}-boot` }).getByText("holds").waitFor();
  await page.getByRole("status").filter({ hasText: /takes off \D*35\.00/ }).waitFor();
  await page.getByRole("button", { name: "Clauses of line lamp" }).click();
  await page.getByText("(item.UnitPrice is 30)").waitFor();
  await looks(page, "expressions-lines");
  await write(page, "EligibleExpression", "order.Total > 5");
  await page.getByText(/must use item/).first().waitFor();

  // What is looked up is put in where somebody writes.
  await write(page, "EligibleExpression", "item.xp.a = 1 or ");
  await page.getByLabel(/^Search functions/).fill("inparent");
  await page.getByRole("button", { name: /inparentcategory/ }).click();
  assert.equal(await field(page, "EligibleExpression").innerText(), "item.xp.a = 1 or item.inparentcategory()");
});

person(
  "an approval rule is tried, beside the buyer's others, and saved (CON-6)",
  async (page) => {
    const ask = await caller();
    const order = await cart(ask, "rule");
    await ask("PUT", `buyers/${order}/usergroups/bosses`, { Name: "Bosses" });
    await signIn(page, "admin01", `/expressions/rule?order=${order}`);
    await write(page, "RuleExpression", "item.Quantity > 1");
    await page.getByText(/Only expressions of promotions at line item level may use item/).first().waitFor();
    await write(page, "RuleExpression", "order.Total > 100 and not order.approved('boss')");
    await page.getByText("Approval would be required").waitFor();
    await page.getByText("(order.Total is 170)").waitFor();
    await looks(page, "expressions-rule");
    await page.getByRole("combobox", { name: "Buyer ID" }).fill(order);
    await page.getByRole("combobox", { name: "Approving group ID" }).fill("nobody");
    await page.getByRole("button", { name: "Make the approval rule" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByRole("combobox", { name: "Approving group ID" }).fill("bosses");
    await page.getByLabel(/^ID/).fill("web");
    await page.getByRole("button", { name: "Make the approval rule" }).click();
    await page.getByText("Changing approval rule web").waitFor();
    assert.equal((await ask("GET", `buyers/${order}/approvalrules/web`)).ApprovingGroupID, "bosses");
    await write(page, "RuleExpression", "order.Total > 1000");
    await page.getByText("No approval needed").waitFor();

    // A rule about returns has another language.
    await page.getByRole("tab", { name: "Approval of returns" }).click();
    await write(page, "RuleExpression", "orderReturn.RefundAmount > 50 and Order.DateCompleted < now(-30)");
    await page.getByRole("combobox", { name: "Return ID" }).fill("no-such-return");
    await page.getByRole("button", { name: "Try", exact: true }).click();
    await page.getByRole("alert").waitFor();
    await withoutMessages(page);
    await looks(page, "expressions-returns");
  },
  { expected: [REFUSED] },
);

person("a page takes six calls at the most to show itself (CON-6)", async (page) => {
  const ask = await caller();
  const order = await cart(ask, "calls");
  await ask("PUT", `promotions/calls-${RUN}`, {
    Code: `CALLS${RUN}`,
    EligibleExpression: "order.Total > 1",
    ValueExpression: "1",
    AllowAllBuyers: true,
  });
  await signIn(page, "admin01");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  const calls = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/(v1|entrepot|api)\//.test(pathname)) calls.push(`${request.method()} ${pathname}`);
  });
  await open(page, `/expressions/lineitems?order=${order}&id=calls-${RUN}`);
  await page.getByText("Eligible: takes off").waitFor();
  await page.waitForLoadState("networkidle");
  assert.ok(calls.length <= 6, calls.join(", "));
  // It is no promotion at line item level, and shown as what it is.
  assert.ok(page.url().includes("/expressions/promotion?"), page.url());
});

person("what an order holds stays text, wherever it is shown", async (page) => {
  const ask = await caller();
  const order = await cart(ask, "hostile");
  const markup = `<img src=x onerror="window.broken=1"><script>window.broken=1</script>"'`;
  await ask("PATCH", `orders/Incoming/${order}`, { xp: { Named: markup, [markup]: markup, "two words": 1 } });
  await signIn(page, "admin01", `/expressions?order=${order}`);
  await page.getByText("order.xp.Named").waitFor();
  await field(page, "EligibleExpression").click();
  await page.keyboard.type("order.xp.");
  await page.getByRole("option", { name: /^Named/ }).waitFor();
  assert.equal(await page.getByRole("option").filter({ hasText: /img|words/ }).count(), 0);
  await page.getByText("In the order:").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.insertText("Named = 'x'");
  await write(page, "ValueExpression", "1");
  await page.getByText("Not eligible").waitFor();
  await page.getByText(/order\.xp\.Named is ".*onerror/).waitFor();
  await page.locator(".cm-line").getByText("Named").hover();
  await page.getByText("In the order it is").waitFor();
  assert.equal(await page.evaluate(() => window.broken), undefined);
});
