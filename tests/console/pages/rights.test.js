import assert from "node:assert/strict";
import { REFUSED, URL_OF_SERVER, accessible, demo, looks, open, person, signIn } from "../support/browser.js";
import { call, marketplaceOf, signInAs, somebody, unique } from "../support/portal.js";

const navigation = (page) => page.getByRole("navigation", { name: "Pages" });

/** The pages that the navigation leads to, and what it says of the others. */
async function offered(page) {
  await navigation(page).getByRole("link", { name: "Start" }).waitFor();
  return {
    open: await navigation(page).getByRole("link").allInnerTexts(),
    shut: await navigation(page).getByRole("listitem").allInnerTexts(),
  };
}

/** All that pages get from the server: method, path with query, status, token, body. */
function watching(page) {
  const answers = [];
  page.on("response", (answer) => {
    const { pathname, search } = new URL(answer.url());
    if (!/^\/(v1|entrepot|api)(\/|$)/.test(pathname) || pathname === "/v1/openapi/v3") return;
    answers.push({
      method: answer.request().method(),
      path: pathname + search,
      status: answer.status(),
      token: answer.request().headers().authorization?.replace("Bearer ", ""),
      body: answer.text().catch(() => undefined),
    });
  });
  return answers;
}

/** Submitted: those that are not are in nobody's list of his own. */
async function makeOrder(id) {
  const { username, password } = demo.users.buyer01;
  const form = new URLSearchParams({ grant_type: "password", client_id: demo.clientID, username, password });
  const login = await (await fetch(`${URL_OF_SERVER}/oauth/token`, { method: "POST", body: form })).json();
  const ask = async (verb, path, body) => {
    const headers = { Authorization: `Bearer ${login.access_token}`, "Content-Type": "application/json" };
    const answer = await fetch(`${URL_OF_SERVER}/v1${path}`, { method: verb, headers, ...(body && { body: JSON.stringify(body) }) });
    assert.ok(answer.ok, `${verb} ${path}: ${await answer.clone().text()}`);
    return answer.json();
  };
  const { Items } = await ask("GET", "/me/products?VariantCount=0&SpecCount=0&PriceSchedule.PriceBreaks.Price=>0&pageSize=20");
  const product = Items.find(({ PriceSchedule }) => PriceSchedule?.PriceBreaks?.length > 0 && (PriceSchedule.MinQuantity ?? 1) <= 1);
  await ask("POST", "/orders/Outgoing", { ID: id });
  await ask("POST", `/orders/Outgoing/${id}/lineitems`, { ProductID: product.ID, Quantity: 1 });
  await ask("POST", `/orders/Outgoing/${id}/submit`, {});
}

const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

person(
  "a contributor without rights sees and reaches nothing more than through the API (PORT-10)",
  async (page) => {
    const [owner, guest, third] = [await somebody("Olga Owner"), await somebody("Gus Guest"), await somebody("Tina Third")];
    const { Id } = await marketplaceOf(owner, "Quay without rights");
    for (const each of [guest, third]) await call("PUT", `/organizations/${Id}/access/users/${each.username}`, { Roles: [] }, owner.token);
    await call("POST", `/me/orginvites/${Id}/accept`, undefined, guest.token);
    const answers = watching(page);
    await signInAs(page, guest.username);
    await page.getByRole("button", { name: new RegExp(Id) }).click();
    await page.getByRole("heading", { name: "Quay without rights" }).waitFor();
    const { open: links, shut } = await offered(page);
    for (const title of ["Orders", "Why", "Deliveries", "Logs"]) {
      assert.equal(links.includes(title), false, title);
      assert.ok(shut.some((each) => each.startsWith(title) && /needs FullAccess/.test(each)), `${title}: ${shut}`);
    }
    await looks(page, "without-rights");
    for (const path of ["/orders", "/orders/All/x", "/why/request", "/deliveries", "/deliveries/mailbox", "/logs"]) {
      await open(page, path);
      await page.getByRole("main").getByText("Not with this token").waitFor();
    }
    await looks(page, "needs-roles");
    for (const path of ["/data/Products.List", "/data/AdminUsers.List", "/data/ApiClients.List"]) {
      await open(page, path);
      await page.getByRole("alert").getByText("This user may not do that").waitFor();
    }
    for (const path of ["/teams", "/invitations", "/account", `/marketplaces/${Id}`]) {
      await open(page, path);
      await page.waitForLoadState("networkidle");
    }
    await page.getByRole("region", { name: "You in it" }).getByText("you may look at them").waitFor();
    await page.getByRole("listitem").filter({ hasText: third.username }).waitFor();
    await page.getByRole("tab", { name: "Teams" }).click();
    await page.getByText("No team.").waitFor();
    await page.getByRole("tab", { name: "All in all" }).click();
    await page.getByRole("listitem").filter({ hasText: guest.username }).waitFor();
    await page.getByRole("tab", { name: "People" }).click();
    assert.equal(await page.getByRole("button", { name: /Rename|Invite|Change|Withdraw|Delete|Give/ }).count(), 0);
    assert.equal(await page.getByText(third.email).count(), 0);
    await page.waitForLoadState("networkidle");

    // Whatever came was asked for with tokens of the guest's own, and comes to whoever asks with them without the console.
    const compared = [];
    for (const { method, path, status, token, body } of answers) {
      if (token === undefined) continue;
      assert.equal(method, "GET", `${method} ${path}`);
      assert.deepEqual([claims(token).role ?? []].flat(), [], path);
      if (/\/token\?|\/token$/.test(path)) continue;
      const direct = await fetch(`${URL_OF_SERVER}${path}`, { headers: { Authorization: `Bearer ${token}` } });
      assert.equal(direct.status, status, path);
      const known = await body;
      if (known !== undefined && status === 200) assert.deepEqual(JSON.parse(known), await direct.json(), path);
      compared.push(path);
    }
    for (const part of ["/v1/me", "/v1/adminusers", "/organizations?", "/access/users", "/access/teams", "/contributors", "/me/orginvites", "/teams"]) {
      assert.ok(compared.some((path) => path.includes(part)), `${part} of ${compared}`);
    }
    // And what no button offers is refused to the guest, whoever sends it.
    for (const [verb, path, body] of [
      ["PUT", `/organizations/${Id}`, { Name: "Mine" }],
      ["PUT", `/organizations/${Id}/access/users/${guest.username}`, { Roles: ["FullAccess"], IsAdmin: true }],
      ["DELETE", `/organizations/${Id}/access/users/${third.username}`, undefined],
      ["DELETE", `/organizations/${Id}`, undefined],
      ["POST", `/organizations/${Id}/transfer`, { Username: guest.username }],
    ]) {
      await assert.rejects(call(verb, path, body, guest.token), /403/, path);
    }
  },
  { expected: [REFUSED] },
);

person("a buyer sees the pages that his token opens, his own orders among them, and why not the others", async (page) => {
  const id = unique("o");
  await makeOrder(id);
  await signIn(page, "buyer01");
  const { open: links, shut } = await offered(page);
  assert.ok(links.includes("Orders"));
  for (const title of ["Why", "Deliveries", "Logs"]) assert.ok(shut.some((each) => each.startsWith(title)), title);
  await navigation(page).getByRole("link", { name: "Orders" }).click();
  await page.getByRole("main").getByRole("button", { name: id }).waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  await looks(page, "orders-of-a-buyer");
  await page.getByRole("main").getByRole("button", { name: id }).click();
  await page.getByRole("heading", { name: `Order ${id}` }).waitFor();
  await page.getByRole("main").getByRole("img", { name: /^The order is (Open|AwaitingApproval|Completed)/ }).waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(await page.getByText(/are not shown/).count(), 0);
  await looks(page, "order-of-a-buyer");
});

person("a supplier looks at the orders that come in", async (page) => {
  await signIn(page, "supplier01");
  const { open: links } = await offered(page);
  assert.ok(links.includes("Orders"));
  await navigation(page).getByRole("link", { name: "Orders" }).click();
  await page.getByRole("main").getByRole("table").or(page.getByText(/no orders|nothing/i)).first().waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(await page.getByRole("alert").count(), 0);
  await looks(page, "orders-of-a-supplier");
});

person("a page of the portal asks whoever came by an API client for his account, and leaves whom he acts as", async (page) => {
  const { username } = await somebody("Olga Owner");
  await signIn(page, "admin01", "/invitations");
  await page.getByText(/This is of an account of the portal/).waitFor();
  await accessible(page);
  await page.getByLabel("Username or e-mail address").fill(username);
  await page.getByLabel(/^Password/).fill("Quay-and-Crane-7");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("region", { name: "To marketplaces", exact: true }).waitFor();
  await page.getByRole("banner").getByRole("button", { name: /admin01/ }).waitFor();
});

person("who may not change something sees its form to read only, and nothing sends it (CON-4)", async (page) => {
  await signIn(page, "buyer01", "/api/Buyers.Create");
  const main = page.getByRole("main");
  await main.getByText(/^To read only: a change takes one of the roles .*BuyerAdmin/).waitFor();
  await main.getByRole("textbox", { name: "xp", exact: true }).waitFor();
  assert.equal(await main.getByLabel(/^Name/).isDisabled(), true);
  assert.equal(await main.getByRole("textbox", { name: "xp", exact: true }).getAttribute("aria-readonly"), "true");
  assert.equal(await main.getByRole("button", { name: /^(Send|Save|Copy link)/ }).count(), 0);
  await looks(page, "api-read-only");
  // What was sent before as somebody else is not sent again.
  await page.evaluate(() => {
    const sent = { key: "k", operation: "Buyers.Create", verb: "POST", path: "/v1/buyers", body: "{}", contentType: "application/json", open: false, at: Date.now(), user: "admin01", status: 201, milliseconds: 3 };
    localStorage.setItem("entrepot.sent", JSON.stringify([sent]));
  });
  await page.reload();
  const asked = [];
  page.on("request", (request) => request.method() === "POST" && asked.push(request.url()));
  await page.getByText("History", { exact: true }).click();
  await page.getByRole("button", { name: "Send POST /v1/buyers again" }).click();
  await main.getByText(/^To read only/).waitFor();
  await page.waitForLoadState("networkidle");
  assert.deepEqual(asked, []);
  // A read may be sent, to see why it is refused.
  await open(page, "/api/Buyers.List");
  await main.getByRole("button", { name: "Send", exact: true }).waitFor();
});
