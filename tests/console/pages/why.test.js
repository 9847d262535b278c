import assert from "node:assert/strict";
import { REFUSED, URL_OF_SERVER, demo, looks, open, person, signIn } from "../support/browser.js";

async function seller() {
  const { username, password } = demo.users.admin01;
  const body = new URLSearchParams({ grant_type: "password", client_id: demo.clientID, username, password });
  const { access_token: token } = await (await fetch(`${URL_OF_SERVER}/oauth/token`, { method: "POST", body })).json();
  return async (verb, path, sent) => {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const answer = await fetch(`${URL_OF_SERVER}/v1/${path}`, { method: verb, headers, body: sent && JSON.stringify(sent) });
    assert.ok(answer.ok, `${verb} ${path}: ${answer.status}`);
  };
}

person(
  "a 403 is explained, and what is missing named (CON-4)",
  async (page) => {
    await signIn(page, "admin01", "/why/request");
    await page.getByLabel("Username").fill(demo.users.buyer01.username);
    await page.getByLabel("Verb").fill("GET");
    await page.getByLabel("Path").fill("/v1/webhooks");
    await page.getByRole("button", { name: "Why?" }).click();
    await page.getByText("403 Auth.InsufficientRoles").waitFor();
    await page.getByText("none of the user's security profiles gives it").first().waitFor();
    await page.getByLabel("Path").fill(`${URL_OF_SERVER}/v1/me/products`);
    await page.getByLabel("Roles asked for").pressSequentially("Shopper MeAdmin");
    await page.getByRole("button", { name: "Why?" }).click();
    await page.getByText("200: it is answered").waitFor();
    await page.getByText("MeAdmin, Shopper", { exact: true }).waitFor();
    await page.getByLabel("Path").fill("v1/webhook");
    await page.getByRole("button", { name: "Why?" }).click();
    await page.getByText("No operation stands at this path").first().waitFor();
    await open(page, `/why/request?username=${demo.users.buyer01.username}&verb=GET&path=/v1/webhooks`);
    await page.getByText("403 Auth.InsufficientRoles").waitFor();
    assert.equal(await page.getByLabel("Path").inputValue(), "/v1/webhooks");
    await looks(page, "why-403");
    await page.getByRole("button", { name: /^Show SecurityProfileAssignment/ }).first().click();
    await page.getByRole("region", { name: /^GET \/v1\/securityprofiles\/assignments/ }).waitFor();
  },
  { expected: [REFUSED] },
);

person(
  "why not this product, and then why (CON-4)",
  async (page) => {
    const ask = await seller();
    await ask("PUT", "buyers/why-console", { Name: "Why", Active: true });
    const ann = { Username: "why-console-ann", FirstName: "Ann", LastName: "Asks", Email: "a@example.com", Active: true };
    await ask("PUT", "buyers/why-console/users/ann", ann);
    await ask("PUT", "products/why-lamp", { Name: "Lamp <b>bright</b>", Active: true });
    await signIn(page, "admin01", "/why/product?buyer=why-console&user=ann&product=why-lamp");
    await page.getByText("The user does not see it").waitFor();
    await page.getByText("No catalog that is assigned to the buyer holds it").first().waitFor();
    await looks(page, "why-not-product");
    await ask("POST", "catalogs/productassignments", { CatalogID: "why-console", ProductID: "why-lamp" });
    await page.getByRole("button", { name: "Why?" }).click();
    await page.getByText("The user sees it", { exact: true }).waitFor();
    await looks(page, "why-product");
    await open(page, "/why/product?buyer=why-console&user=ann&product=nothing");
    await page.getByRole("alert").waitFor();
  },
  { expected: [REFUSED] },
);

person("which clause of a promotion fails, with what it saw (CON-4)", async (page) => {
  const ask = await seller();
  await ask("PUT", "promotions/why-console", {
    Code: "WHYCONSOLE",
    AllowAllBuyers: true,
    EligibleExpression: "order.Subtotal > 100 and items.count() >= 1",
    ValueExpression: "order.Subtotal * .1",
  });
  await ask("PUT", "buyers/why-console", { Name: "Why", Active: true });
  const ann = { Username: "why-console-ann", FirstName: "Ann", LastName: "Asks", Email: "a@example.com", Active: true };
  await ask("PUT", "buyers/why-console/users/ann", ann);
  await ask("PUT", "orders/Incoming/why-console", { FromCompanyID: "why-console", FromUserID: "ann" });
  await signIn(page, "admin01", "/why/promotions?order=why-console&promotion=why-console");
  await page.getByText("Promotion.NotEligible").waitFor();
  await page.getByText("(order.Subtotal is 0)").first().waitFor();
  await looks(page, "why-promotions");
});
