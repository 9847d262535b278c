// A person at the console: a browser against the server of ENTREPOT_URL. Whatever the pages complain of fails the test.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

const require = createRequire(import.meta.url);
// As what it is, CommonJS: an import first looks through all of it for what it exports, a third of what the start of a program takes.
const { chromium } = require("playwright-core");

export const URL_OF_SERVER = process.env.ENTREPOT_URL;
export const demo = JSON.parse(readFileSync(process.env.ENTREPOT_DEMO_FILE, "utf8"));

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SCREENSHOTS = new URL("../screenshots/", import.meta.url).pathname;
/** Whether to picture what passes, too: `make screenshots`. */
export const PICTURED = process.env.ENTREPOT_SCREENSHOTS === "1";
/** Milliseconds for whatever a page is waited for. */
const PATIENCE = 30_000;

export const LAPTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

let browser;
/** What the tests of a program share, of the browser: its cache, and the process of their pages, which begins in a third of a second of a core. */
let context;
/** A page that keeps that process between them. */
let resting;

before(async () => {
  const { request } = http;
  // Playwright asks for packed messages, which on one machine only costs both sides: a twentieth of all that a program takes.
  http.request = (options, ...more) => {
    delete options.headers?.["Sec-WebSocket-Extensions"];
    return request(options, ...more);
  };
  browser = await chromium.connectOverCDP(process.env.ENTREPOT_BROWSER);
  http.request = request;
});
after(async () => {
  await context?.close();
  await browser?.close();
});

async function begin() {
  context = await browser.newContext({ viewport: LAPTOP, reducedMotion: "reduce", timezoneId: "Europe/Berlin", locale: "en-GB" });
  context.setDefaultTimeout(PATIENCE);
  resting = await context.newPage();
  await openEmpty(resting);
}

/** Nothing stays of a test that the next one could see. */
async function leave() {
  for (const each of context.pages()) if (each !== resting) await each.close();
  await context.clearCookies();
  await context.clearPermissions();
  await context.setOffline(false);
  await resting.evaluate(() => localStorage.clear());
}

/** A test with a page of its own. `expected`: complaints that are part of it, as regular expressions. */
export function person(name, act, { expected = [] } = {}) {
  test(name, async () => {
    if (context === undefined) await begin();
    const page = await context.newPage();
    const complaints = [];
    const broken = (error) => complaints.push(String(error.error()));
    const said = (message) => {
      if (message.type() === "error") complaints.push(message.text());
    };
    context.on("weberror", broken).on("console", said);
    try {
      await act(page);
      await leave();
      context.off("weberror", broken).off("console", said);
    } catch (error) {
      await picture(page, `failed ${name}`).catch(() => undefined);
      await context.close();
      context = undefined;
      throw error;
    }
    assert.deepEqual(
      complaints.filter((each) => !expected.some((pattern) => pattern.test(each))),
      [],
    );
  });
}

/** What a browser itself says of an answer that refuses. */
export const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/;

export async function open(page, path = "/") {
  await page.goto(`${URL_OF_SERVER}/#${path}`);
}

/** A page of the server's origin, whose storage it is, that asks for nothing. */
async function openEmpty(page) {
  const empty = `${URL_OF_SERVER}/empty`;
  await page.route(empty, (route) => route.fulfill({ contentType: "text/html", body: '<link rel="icon" href="data:,">' }));
  await page.goto(empty);
  await page.unroute(empty);
}

/** The page to sign in at, with the form of API clients. */
export async function openForm(page, path = "/") {
  await open(page, path);
  await page.getByRole("tab", { name: "API client" }).click();
}

/** Signs in by the API client and one of the demo's users. */
export async function signInByForm(page, user = "admin01", path = "/") {
  await openForm(page, path);
  await page.getByLabel("API client ID").fill(demo.clientID);
  await page.getByLabel("Username").fill(demo.users[user].username);
  await page.getByLabel(/^Password/).fill(demo.users[user].password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor({ state: "attached" });
}

/** What the form has left in the tab, by the user. */
const tabs = new Map();

/** In a tab as it is once somebody has signed in by the form: the first of a program does, and who comes later finds the tab so. */
export async function signIn(page, user = "admin01", path = "/") {
  const kept = tabs.get(user);
  if (kept === undefined) {
    await signInByForm(page, user, path);
    tabs.set(user, await page.evaluate(() => [{ ...sessionStorage }, { ...localStorage }]));
    return;
  }
  await openEmpty(page);
  await page.evaluate(([session, local]) => {
    Object.assign(sessionStorage, session);
    Object.assign(localStorage, local);
  }, kept);
  await open(page, path);
  await page.getByRole("navigation", { name: "Pages" }).waitFor({ state: "attached" });
}

/** Rules that look at colours. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** Nothing that shuts people out (WCAG 2.2 AA, and axe's best practices). `where`: what a failure calls the page. `rules`: all, or these. */
export async function accessible(page, where = page.url(), rules = undefined) {
  // Of colours that are on their way the ones before are seen until the next frame.
  // A cursor that blinks never ends.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(({ playState, effect }) => playState !== "running" || effect.getTiming().iterations === Infinity),
  );
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  // A tooltip stands where the pointer happens to rest, and belongs to what it describes, not to a region of the page.
  // What passes is not described, nothing gets a selector, and no media are waited for, of which there are none: a fourth of its time.
  const violations = await page.evaluate(
    async (runOnly) =>
      (
        await window.axe.run(
          { exclude: [["[role=tooltip]"]] },
          { resultTypes: ["violations"], selectors: false, preload: false, ...(runOnly && { runOnly }) },
        )
      ).violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) })),
    rules,
  );
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`),
    [],
  );
}

/** A picture of a page for whoever asks for pictures. */
export async function shot(page, name) {
  if (PICTURED) await picture(page, name);
}

async function picture(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}${name.replace(/[^\w-]+/g, "-")}.png` });
}

/** As it looks on a laptop in light and dark and on a phone, without anything that axe objects to. */
export async function looks(page, name) {
  for (const [scheme, viewport] of [
    ["light", LAPTOP],
    ["dark", LAPTOP],
    ["light", PHONE],
  ]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize(viewport);
    await page.waitForFunction(
      (wanted) => document.documentElement.getAttribute("data-mantine-color-scheme") === wanted,
      scheme,
    );
    const variant = `${name}-${viewport === PHONE ? "phone" : scheme}`;
    // The same page in other colours: what else there is to say of it has been said.
    await accessible(page, variant, scheme === "dark" ? OF_COLOURS : undefined);
    await shot(page, variant);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `${name}: ${wide} pixels wider than the window`);
  }
  await page.setViewportSize(LAPTOP);
  await page.emulateMedia({ colorScheme: "light" });
}
