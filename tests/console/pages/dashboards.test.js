import assert from "node:assert/strict";
import { PICTURED, URL_OF_SERVER, accessible, demo, looks, open, person, shot, signIn } from "../support/browser.js";

async function token(user) {
  const { username, password } = demo.users[user];
  const form = new URLSearchParams({ grant_type: "password", client_id: demo.clientID, username, password });
  const login = await (await fetch(`${URL_OF_SERVER}/oauth/token`, { method: "POST", body: form })).json();
  return login.access_token;
}

async function send(bearer, verb, path, body) {
  const headers = { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" };
  const answer = await fetch(URL_OF_SERVER + path, { method: verb, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${verb} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? undefined : answer.json();
}

/** An order of the demo's shopper, submitted, and a cart that is left. */
async function buy(bearer, times) {
  const { Items } = await send(bearer, "GET", "/v1/me/products?pageSize=20");
  const simple = Items.filter((each) => each.SpecCount === 0 && each.PriceSchedule && !each.IsParent && !each.IsBundle);
  for (let time = 0; time < times; time += 1) {
    const { ID } = await send(bearer, "POST", "/v1/orders/Outgoing", {});
    const product = simple[time % simple.length];
    await send(bearer, "POST", `/v1/orders/Outgoing/${ID}/lineitems`, {
      ProductID: product.ID,
      Quantity: Math.max(product.PriceSchedule.MinQuantity ?? 1, 1),
    });
    if (time > 0) await send(bearer, "POST", `/v1/orders/Outgoing/${ID}/submit`);
  }
}

/** All that is on the page, which is longer than the windows it is looked at in. */
async function pictureWhole(page) {
  await page.setViewportSize({ width: 1280, height: 3000 });
  await shot(page, "dashboards-whole-light");
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "dashboards-whole-dark");
  await page.setViewportSize({ width: 390, height: 4600 });
  await shot(page, "dashboards-whole-phone");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 800 });
}

person("what was sold, asked and sent is read off plots and off their tables (CON-8)", async (page) => {
  await buy(await token("buyer01"), 4);
  const calls = [];
  page.on("request", (request) => {
    if (/\/(v1|entrepot)\//.test(request.url()) && request.resourceType() === "fetch") calls.push(request.url());
  });
  await signIn(page, "admin01", "/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  calls.length = 0;
  await page.getByRole("link", { name: "Dashboards" }).first().click();
  const orders = page.getByRole("region", { name: "Orders", exact: true });
  await orders.getByRole("img", { name: /^Orders: / }).waitFor();
  await page.getByRole("region", { name: "Deliveries", exact: true }).getByRole("heading", { level: 2 }).waitFor();
  await page.waitForLoadState("networkidle");
  assert.ok(calls.length <= 6, calls.join("\n"));
  await looks(page, "dashboards");
  if (PICTURED) await pictureWhole(page);

  // The figures are those of the server.
  const bearer = await token("admin01");
  const { Series } = await send(bearer, "GET", "/entrepot/v1/dashboards/orders");
  await orders.getByText(Series[0].Orders.toLocaleString("en-GB"), { exact: true }).first().waitFor();
  await orders.getByRole("button", { name: "Table of Orders" }).click();
  const cells = await orders.getByRole("region", { name: "Figures of Orders" }).getByRole("cell").allTextContents();
  const counts = cells.filter((_, place) => place % 2 === 1).map(Number);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    Series[0].Orders,
  );
  await accessible(page);
  await orders.getByRole("button", { name: "Plot of Orders" }).click();
  // Twenty operations are shown, the most usual first: on a server that others use, too, logins are among them.
  await page.getByRole("region", { name: "By operation" }).getByRole("row").filter({ hasText: "Tokens.Create" }).waitFor();

  // Another time, kept in the address.
  await page.getByText("Week", { exact: true }).click();
  await page.waitForURL(/range=week/);
  await page.getByText("Own", { exact: true }).click();
  await page.getByRole("textbox", { name: "From" }).fill("2020-01-01T00:00");
  await page.getByRole("textbox", { name: "To" }).fill("2020-02-01T00:00");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByText("No order was submitted in this time.").waitFor();
  await page.getByText("Nothing was sold in this time.").waitFor();
  await looks(page, "dashboards-none");
});

person("who may read orders alone sees their figures, and what is missing for the others (CON-8)", async (page) => {
  const admin = await token("admin01");
  const user = "dashboards-reader";
  await send(admin, "PUT", `/v1/adminusers/${user}`, {
    Username: user,
    Password: "Pass-of-reader-1",
    FirstName: "Order",
    LastName: "Reader",
    Email: "reader@dashboards.example",
    Active: true,
  });
  await send(admin, "PUT", `/v1/securityprofiles/${user}`, { Name: user, Roles: ["OrderReader"] });
  await send(admin, "POST", "/v1/securityprofiles/assignments", { SecurityProfileID: user, UserID: user });
  demo.users[user] = { username: user, password: "Pass-of-reader-1" };
  await signIn(page, user, "/dashboards");
  await page.getByRole("region", { name: "Carts", exact: true }).getByRole("heading", { level: 3 }).waitFor();
  const requests = page.getByRole("region", { name: "Requests", exact: true });
  await requests.getByRole("alert").waitFor();
  await accessible(page);
  await open(page, "/");
}, { expected: [/status of 403/] });
