import assert from "node:assert/strict";
import { URL_OF_SERVER, demo, looks, person, signIn } from "../support/browser.js";

/** Calls of the API that a page may take to show itself. */
const MOST_CALLS = 6;

/** IDs of this run, so that it may be repeated on the same server. */
const RUN = Date.now().toString(36);
const [ORDER, SHIPMENT] = [`console-order-${RUN}`, `console-shipment-${RUN}`];

async function calls(user) {
  const { username, password } = demo.users[user];
  const form = new URLSearchParams({ grant_type: "password", client_id: demo.clientID, username, password });
  const login = await (await fetch(`${URL_OF_SERVER}/oauth/token`, { method: "POST", body: form })).json();
  return async (verb, path, body) => {
    const headers = { Authorization: `Bearer ${login.access_token}`, "Content-Type": "application/json" };
    const answer = await fetch(`${URL_OF_SERVER}/v1/${path}`, { method: verb, headers, ...(body && { body: JSON.stringify(body) }) });
    const said = await answer.text();
    assert.ok(answer.ok, `${verb} ${path}: ${answer.status} ${said}`);
    return said === "" ? undefined : JSON.parse(said);
  };
}

person("an order is followed to its shipment (CON-5)", async (page) => {
  const [buyer, seller] = [await calls("buyer01"), await calls("admin01")];
  const { Items } = await buyer("GET", "me/products?PriceSchedule.PriceBreaks.Price=>0&VariantCount=0&SpecCount=0&pageSize=20");
  const product = Items.find(({ PriceSchedule }) => PriceSchedule?.PriceBreaks?.length > 0 && (PriceSchedule.MinQuantity ?? 1) <= 2);
  await buyer("POST", "orders/Outgoing", { ID: ORDER, Comments: "<i>To the door</i>" });
  await buyer("POST", `orders/Outgoing/${ORDER}/lineitems`, { ID: "one", ProductID: product.ID, Quantity: 2 });
  await seller("PATCH", `orders/All/${ORDER}`, { ShippingCost: 4.95, TaxCost: 1.1 });
  await signIn(page, "admin01", `/orders/All/${ORDER}`);
  const main = page.getByRole("main");
  await main.getByRole("img", { name: "The order is Unsubmitted." }).waitFor();
  await main.getByText("It comes out to the cent.").waitFor();
  await buyer("POST", `orders/Outgoing/${ORDER}/submit`, {});
  await page.reload();
  await main.getByRole("img", { name: "The order is Open." }).waitFor();
  await main.getByText("Submitted", { exact: true }).waitFor();
  await looks(page, "order");
  await seller("POST", "shipments", { ID: SHIPMENT, BuyerID: "demo-buyer", Shipper: "Post", DateShipped: "2026-05-01T00:00:00Z" });
  await seller("POST", `shipments/${SHIPMENT}/items`, { OrderID: ORDER, LineItemID: "one", QuantityShipped: 2 });
  const asked = [];
  page.on("request", (request) => {
    if (/\/(v1|entrepot|oauth|env|api)(\/|$)/.test(new URL(request.url()).pathname)) asked.push(request.url());
  });
  await page.reload();
  await main.getByText(`Shipment ${SHIPMENT} left`).waitFor();
  await main.getByRole("img", { name: "The order is Completed." }).waitFor();
  await page.waitForLoadState("networkidle");
  assert.ok(asked.length <= MOST_CALLS, asked.join("\n"));
  await main.getByRole("button", { name: "Show returns, messages and deliveries" }).click();
  await main.getByText(/told to/).first().waitFor();
  await main.getByRole("link", { name: "All orders" }).click();
  const table = page.getByRole("region", { name: "Orders", exact: true });
  await table.getByRole("button", { name: ORDER }).waitFor();
  await looks(page, "orders");
  await page.getByText("Incoming", { exact: true }).click();
  await page.waitForURL(/direction=Incoming/);
  await table.getByRole("button", { name: ORDER }).click();
  await main.getByRole("heading", { name: `Order ${ORDER}` }).waitFor();
});
