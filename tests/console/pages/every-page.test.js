// What holds of every page, by the table that the console itself is made of: a page that is added is visited here the same day.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ask, token } from "../support/api.js";
import { REFUSED, accessible, demo, open, person, shot, signIn } from "../support/browser.js";
import { call, signInAs, somebody, tokenOf } from "../support/portal.js";

/** Calls of the API that a page may take to show itself. */
const MOST_CALLS = 6;
/** Milliseconds without a call after which a page has shown itself, where its calls are counted; and where it is waited for what it says. */
const QUIET = 500;
const BRIEF = 100;
/** Tabs in which pages are visited side by side that let one wait. */
const TABS = 3;
const API = /^\/(v1|entrepot|oauth|env|api)(\/|$)/;
const RUN = `e${Date.now().toString(36)}`;
const MARKUP = `<img src=x onerror="window.broken=1"><script>window.broken=1</script>"'\`{{7*7}}javascript:alert(1)`;
const RIGHT_TO_LEFT = "\u202Eمتجر <b>غامق</b>";

const source = readFileSync(new URL("../../../console/src/pages.ts", import.meta.url), "utf8");
const TABLE = [...source.matchAll(/path: "([^"]+)",\s*title: "([^"]+)"([^}]*)/g)].map(([, path, title, more]) => ({
  path: path.replace(/\/\*$/, ""),
  title,
  of: /of: "(\w+)"/.exec(more)?.[1],
  hidden: more.includes("hidden: true"),
}));
const ofWhom = (whom) => TABLE.filter(({ of }) => of === whom);

/** Those who visit: each the pages that are there for such people. */
const VISITORS = [
  {
    as: "who acts in a marketplace",
    pages: ofWhom(undefined),
    arrive: (page) => signIn(page),
    ended: /The session of admin01 has ended/,
    hostile: hostileThings,
    deep: [`/orders/All/${RUN}-order`, `/data/Products.List?item=${RUN}-product`, `/data/Buyers.List?item=${RUN}-buyer`, `/logs?id=${RUN}-b`],
  },
  {
    as: "an account of the portal",
    pages: ofWhom("account"),
    arrive: (page) => signInAs(page, demo.portal.username, "/", demo.portal.password),
    ended: /Your session has ended/,
    hostile: hostilePeople,
    deep: [`/marketplaces/${RUN}-marketplace`, `/teams/${RUN}-team`],
  },
];

const links = (page) => page.getByRole("navigation", { name: "Pages" }).getByRole("link");
const heading = (page) => page.getByRole("main").getByRole("heading", { level: 1 });

/** Once nothing is on its way, and nothing has been for a while; with the calls of the API that there were. */
async function settled(page, act, quiet = QUIET) {
  const calls = [];
  const pending = new Set();
  let last = Date.now();
  const began = (request) => {
    last = Date.now();
    pending.add(request);
    if (API.test(new URL(request.url()).pathname)) calls.push(`${request.method()} ${request.url()}`);
  };
  const ended = (request) => {
    last = Date.now();
    pending.delete(request);
  };
  page.on("request", began);
  page.on("requestfinished", ended);
  page.on("requestfailed", ended);
  await act();
  await heading(page).waitFor();
  // A page that listens to what happens never ends its request.
  const listens = (request) => /\/(live|stream)/.test(request.url());
  while ([...pending].some((each) => !listens(each)) || Date.now() - last < quiet) {
    await new Promise((soon) => setTimeout(soon, Math.max(20, last + quiet - Date.now())));
    // A page that is at work is late with its frame, and with what it asks for.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  }
  page.off("request", began);
  page.off("requestfinished", ended);
  page.off("requestfailed", ended);
  return calls;
}

/** A page by its address alone, as whoever has kept that; the calls of the API that there were. */
async function fromNothing(page, path, quiet = QUIET) {
  await page.evaluate((hash) => history.replaceState(null, "", hash), `#${path}`);
  return settled(page, () => page.reload(), quiet);
}

/** A token that the server no longer takes, wherever the session has one. */
const spoilt = (token) => `${token.slice(0, -4)}AAAA`;

/** Things of every kind that pages show, with names that would do harm where they were no texts. */
async function hostileThings() {
  const [admin, buyer] = [await token(), await token("buyer01")];
  const make = (verb, path, body, bearer = admin) => ask(verb, path, body, { bearer, headers: { "X-Request-ID": `${RUN}-b` } });
  const name = MARKUP.slice(0, 100);
  const xp = { [MARKUP]: [MARKUP, { a: RIGHT_TO_LEFT }], site: "javascript:alert(1)" };
  await make("POST", "/webhooks", {
    ID: `${RUN}-webhook`, Name: name, Description: MARKUP, Url: "https://example.invalid/<b>", ElevatedRoles: [], BeforeProcessRequest: false,
    ApiClientIDs: [demo.clientID], WebhookRoutes: [{ Route: "v1/buyers", Verb: "POST" }], ConfigData: xp, HashKey: "key",
  });
  await make("POST", "/buyers", { ID: `${RUN}-buyer`, Name: RIGHT_TO_LEFT, Active: true, xp });
  await make("POST", "/products", { ID: `${RUN}-product`, Name: name, Description: MARKUP, Active: true, xp });
  await make("POST", "/promotions", {
    ID: `${RUN}-promotion`, Code: `${RUN}<b>`, Name: name, Description: MARKUP, EligibleExpression: "order.Subtotal > 1",
    ValueExpression: "1", CanCombine: true, AllowAllBuyers: true, xp,
  });
  const { Items: products } = await make("GET", "/me/products?pageSize=1", undefined, buyer);
  await make("POST", "/orders/Outgoing", { ID: `${RUN}-order`, Comments: MARKUP, xp }, buyer);
  const address = { FirstName: MARKUP.slice(0, 50), LastName: RIGHT_TO_LEFT, Street1: MARKUP.slice(0, 100), City: "x", State: "MN", Zip: "55101", Country: "US" };
  await make("PUT", `/orders/Outgoing/${RUN}-order/billto`, address, buyer);
  await make("POST", `/orders/Outgoing/${RUN}-order/lineitems`, { ProductID: products[0].ID, Quantity: 1, ShippingAddress: address, xp }, buyer);
  await make("POST", `/orders/Outgoing/${RUN}-order/submit`, undefined, buyer);
}

/** The same of the portal: a marketplace, a team, somebody in both, and invitations from him. */
async function hostilePeople() {
  const name = MARKUP.slice(0, 100);
  const own = await tokenOf(demo.portal.username, demo.portal.password);
  const other = await somebody(RIGHT_TO_LEFT);
  const sandbox = (Id) => ({ Id, Name: name, Environment: "Sandbox", Region: { Id: "usw" } });
  await call("PUT", `/organizations/${RUN}-marketplace`, sandbox(`${RUN}-marketplace`), own);
  await call("PUT", `/organizations/${RUN}-marketplace/access/users/${other.username}`, { Roles: [] }, own);
  await call("PUT", `/teams/${RUN}-team`, { Id: `${RUN}-team`, Name: name }, own);
  await call("POST", `/teams/${RUN}-team/members`, { Username: other.username }, own);
  await call("PUT", `/organizations/${RUN}-other`, sandbox(`${RUN}-other`), other.token);
  await call("PUT", `/organizations/${RUN}-other/access/users/${demo.portal.username}`, { Roles: [] }, other.token);
  await call("PUT", `/organizations/${RUN}-other/access/teams/${RUN}-team`, { Roles: [] }, other.token);
  await call("PUT", `/teams/${RUN}-others`, { Id: `${RUN}-others`, Name: RIGHT_TO_LEFT }, other.token);
  await call("POST", `/teams/${RUN}-others/members`, { Username: demo.portal.username }, other.token);
}

test("the pages are those of the console's table", () => {
  assert.ok(TABLE.length >= 7, source);
  assert.equal(TABLE.length, source.match(/^ {4}path: /gm).length);
});

for (const { as, pages, arrive, hostile, deep } of VISITORS) person(
  `the navigation leads to each page, none takes more than six calls to show itself, and hostile names do nothing on any: ${as}`,
  async (page) => {
    await hostile();
    await arrive(page);
    await settled(page, () => page.reload());
    const shown = pages.filter(({ hidden }) => !hidden);
    assert.deepEqual(
      await links(page).evaluateAll((all) => all.map((each) => each.getAttribute("href")).filter((each) => each.startsWith("#"))),
      shown.map(({ path }) => `#${path}`),
    );
    for (const { path, title } of shown) {
      const byLink = await settled(page, () => links(page).getByText(title, { exact: true }).click());
      assert.ok(byLink.length <= MOST_CALLS, `${path}: ${byLink.join("\n")}`);
      const alone = await fromNothing(page, path);
      assert.ok(alone.length <= MOST_CALLS, `${path}, alone: ${alone.join("\n")}`);
      await harmless(page, path);
    }
    for (const path of [...pages.filter(({ hidden }) => hidden).map((each) => each.path), ...deep]) {
      await settled(page, () => open(page, path));
      await harmless(page, path);
    }
  },
);

/** Nothing that stands there as a name has done anything, and nothing shuts anybody out. */
async function harmless(page, path) {
  assert.equal(await page.evaluate(() => window.broken), undefined, path);
  assert.equal(await page.locator('a[href^="javascript:" i]').count(), 0, path);
  await accessible(page, path);
  await shot(page, `every-hostile${path.split("?")[0].replaceAll("/", "-").replace(RUN, "run")}`);
}

for (const { as, pages, arrive, ended: telling } of VISITORS) person(
  `a session that has ended is told on every page, or the page needs none: ${as}`,
  async (page) => {
    await arrive(page);
    await settled(page, () => page.reload());
    const kept = await page.evaluate(() => sessionStorage.getItem("entrepot.session"));
    const told = [];
    const { acting, account, ...rest } = JSON.parse(kept);
    const ended = JSON.stringify({
      ...rest,
      acting: acting.map((each) => ({ ...each, token: spoilt(each.token) })),
      ...(account && { account: { ...account, token: spoilt(account.token) } }),
    });
    for (const { path } of pages) {
      await page.evaluate((session) => sessionStorage.setItem("entrepot.session", session), ended);
      const calls = await fromNothing(page, path, BRIEF);
      const asked = calls.some((each) => !/\/(env|openapi\/v3)$/.test(each));
      if (asked) {
        await page.getByText(telling).waitFor();
        told.push(path);
      }
      await accessible(page, path);
    }
    assert.ok(told.length >= 4, String(told));
  },
  { expected: [REFUSED] },
);

for (const { as, pages, arrive } of VISITORS) person(
  `a server that is gone is told on every page, and each comes once it is back: ${as}`,
  async (page) => {
    await arrive(page);
    await settled(page, () => page.reload());
    const left = [...pages];
    const visit = async (tab) => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await withoutServer(tab, next);
    };
    const others = Array.from({ length: TABS - 1 }, () => sameTab(page));
    await Promise.all([page, ...(await Promise.all(others))].map(visit));
  },
  { expected: [/ERR_CONNECTION_REFUSED/] },
);

/** Another tab of the same people. */
async function sameTab(page) {
  const tab = await page.context().newPage();
  await tab.addInitScript((session) => Object.assign(sessionStorage, session), await page.evaluate(() => ({ ...sessionStorage })));
  await open(tab);
  return tab;
}

async function withoutServer(page, { path, title }) {
  const gone = (route) => route.abort("connectionrefused");
  // The page's code is there: what is missing is what it shows.
  await page.route(/\/(v1|entrepot|api)\//, gone);
  await fromNothing(page, path, BRIEF);
  await heading(page).getByText(title === "Start" ? /./ : title).waitFor();
  const main = page.getByRole("main");
  const alerts = main.getByRole("alert");
  // Told once it was asked a few times. Until then something is on its way; a page that needs no answer has its form.
  await alerts.or(main.locator("form")).first().waitFor();
  await main.getByRole("status").filter({ hasText: /./ }).first().waitFor({ state: "detached" });
  for (const text of await alerts.allInnerTexts()) assert.match(text, /The server does not answer/, path);
  await accessible(page, path);
  await shot(page, `every-gone${path.replaceAll("/", "-")}`);
  await page.unroute(/\/(v1|entrepot|api)\//, gone);
  const again = alerts.getByRole("button", { name: "Try again" });
  while ((await again.count()) > 0) await settled(page, () => again.first().click(), BRIEF);
  assert.equal(await alerts.count(), 0, path);
}
