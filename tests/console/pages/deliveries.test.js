import assert from "node:assert/strict";
import { createServer } from "node:http";
import { URL_OF_SERVER, accessible, demo, looks, open, person, signIn } from "../support/browser.js";

/** Of this run, so that it may be repeated on the same server. */
const RUN = Date.now().toString(36);
const [HOOK, CAUGHT, REQUEST] = [`console-hook-${RUN}`, `console-caught-${RUN}`, `console-delivery-${RUN}`];

async function token(user) {
  const { username, password } = demo.users[user];
  const form = new URLSearchParams({ grant_type: "password", client_id: demo.clientID, username, password });
  const login = await (await fetch(`${URL_OF_SERVER}/oauth/token`, { method: "POST", body: form })).json();
  return login.access_token;
}

async function send(bearer, verb, path, body) {
  const headers = { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json", "X-Request-ID": REQUEST };
  const answer = await fetch(URL_OF_SERVER + path, { method: verb, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${verb} ${path}: ${answer.status}`);
}

person("a webhook is watched, its request read, and it is delivered again (CON-7)", async (page) => {
  const received = [];
  const receiver = createServer((request, response) => {
    received.push(request.url);
    request.resume().on("end", () => response.end("thank you"));
  });
  await new Promise((listening) => receiver.listen(0, "127.0.0.1", listening));
  try {
    const bearer = await token("admin01");
    await send(bearer, "PUT", `/v1/webhooks/${HOOK}`, {
      Name: "Console",
      Url: `http://127.0.0.1:${receiver.address().port}/hook`,
      HashKey: "key",
      ApiClientIDs: [demo.clientID],
      WebhookRoutes: [{ Route: "v1/buyers/{buyerID}", Verb: "PATCH" }],
    });
    await send(bearer, "PATCH", `/v1/buyers/demo-buyer`, { xp: { Watched: true } });
    await signIn(page, "admin01", "/deliveries");
    await page.getByRole("checkbox", { name: "Live" }).click();
    const table = page.getByRole("region", { name: "Deliveries", exact: true });
    const row = table.getByRole("row").filter({ hasText: HOOK }).first();
    await row.getByText("Delivered").waitFor();
    await page.getByRole("checkbox", { name: "Live" }).click();
    await looks(page, "deliveries");
    await row.getByRole("button").first().click();
    const drawer = page.getByRole("dialog");
    await drawer.getByText("thank you").waitFor();
    await looks(page, "deliveries-one");
    const before = received.length;
    await drawer.getByRole("button", { name: "Deliver again" }).click();
    await drawer.getByText(/Delivered again by/).waitFor();
    const until = Date.now() + 30_000;
    while (received.length === before && Date.now() < until) await new Promise((soon) => setTimeout(soon, 50));
    assert.equal(received.length, before + 1);
    await drawer.getByRole("link", { name: REQUEST }).click();
    await page.getByRole("dialog").getByText(`to Webhook ${HOOK}`).waitFor();
    await open(page, "/deliveries/targets");
    const targets = page.getByRole("region", { name: "Delivery Targets" });
    await targets.getByRole("button", { name: `Pause Webhook.${HOOK}.Url` }).click();
    await targets.getByRole("button", { name: `Resume Webhook.${HOOK}.Url` }).waitFor();
    await looks(page, "targets");
    await targets.getByRole("button", { name: `Resume Webhook.${HOOK}.Url` }).click();
    await targets.getByRole("button", { name: `Pause Webhook.${HOOK}.Url` }).waitFor();
  } finally {
    receiver.close();
  }
});

person("a webhook is pointed at a catcher, and what it sends is watched and read (CON-7)", async (page) => {
  const bearer = await token("admin01");
  await send(bearer, "PUT", `/v1/webhooks/${CAUGHT}`, {
    Name: "Caught",
    Url: "https://integrator.example/hook",
    HashKey: "key",
    BeforeProcessRequest: true,
    ApiClientIDs: [demo.clientID],
    WebhookRoutes: [{ Route: "v1/suppliers/{supplierID}", Verb: "PUT" }],
  });
  await signIn(page, "admin01", "/deliveries/catcher");
  await page.getByRole("button", { name: "Make a catcher" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name").fill("From the console");
  await looks(page, "catcher-make");
  await form.getByRole("button", { name: "Make it" }).click();
  await page.getByRole("button", { name: "Copy the catcher's address" }).waitFor();
  await page.getByRole("button", { name: "Point a webhook at it" }).click();
  await page.getByRole("dialog").getByLabel("Webhook").fill(CAUGHT);
  await page.getByRole("option", { name: new RegExp(CAUGHT) }).waitFor();
  await page.getByRole("dialog").getByLabel("Webhook").press("Escape");
  await accessible(page);
  await page.getByRole("button", { name: "Point it here" }).click();
  await page.getByText("Before, its URL was https://integrator.example/hook").waitFor();
  // The catcher lets it pass: the server asks itself, and sees it come.
  await send(bearer, "PUT", `/v1/suppliers/${CAUGHT}`, { Name: "Caught", Active: true, xp: { Password: "hidden-text" } });
  const table = page.getByRole("region", { name: "Catchers" });
  const row = table.getByRole("row").filter({ hasText: "POST" }).first();
  await row.getByText("200").waitFor();
  await looks(page, "catcher");
  await row.getByRole("button").first().click();
  const drawer = page.getByRole("dialog");
  await drawer.getByText("x-oc-hash").waitFor();
  await drawer.getByText(`"supplierID": "${CAUGHT}"`).waitFor();
  assert.equal(await drawer.getByText("hidden-text").count(), 0);
  await looks(page, "catcher-one");
  await drawer.getByRole("button", { name: "Delete it" }).click();
  await drawer.waitFor({ state: "detached" });
  await table.getByText("Nothing is here yet.").waitFor();
  await page.getByRole("button", { name: "Point it back" }).click();
  await page.getByText("Before, its URL was").waitFor({ state: "detached" });
  const webhook = await fetch(`${URL_OF_SERVER}/v1/webhooks/${CAUGHT}`, { headers: { Authorization: `Bearer ${bearer}` } });
  assert.equal((await webhook.json()).Url, "https://integrator.example/hook");
  await send(bearer, "DELETE", `/v1/webhooks/${CAUGHT}`);
  await page.getByRole("button", { name: "Delete the catcher" }).click();
  await page.getByText("Nothing is caught yet").waitFor();
  await looks(page, "catcher-none");
});

person("a message that nothing sends is read with its links, and deleted (CON-7)", async (page) => {
  await fetch(`${URL_OF_SERVER}/v1/password/reset`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ClientID: demo.clientID, Username: demo.users.buyer01.username, URL: "http://localhost:3000/renew?c={code}" }),
  });
  await signIn(page, "admin01", "/deliveries/mailbox");
  const table = page.getByRole("region", { name: "Mailbox" });
  const row = table.getByRole("row").filter({ hasText: "ForgottenPassword" }).first();
  for (let asked = 0; asked < 100 && !(await row.isVisible()); asked += 1) {
    await page.getByRole("button", { name: "Ask again" }).click();
    await page.waitForTimeout(200);
  }
  await row.getByRole("button").first().click();
  const drawer = page.getByRole("dialog");
  const link = drawer.getByRole("link", { name: /localhost:3000\/renew/ }).first();
  await link.waitFor();
  assert.match(await link.getAttribute("href"), /^http:\/\/localhost:3000\/renew\?c=/);
  await looks(page, "mailbox-one");
  await drawer.getByRole("button", { name: "Delete the message" }).click();
  await drawer.waitFor({ state: "detached" });
  await accessible(page);
});
