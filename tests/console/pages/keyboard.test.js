// Whoever uses no mouse: each page is gone through with Tab, and the first steps are done with keys alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ask } from "../support/api.js";
import { accessible, demo, open, person, signIn } from "../support/browser.js";
import { PASSWORD, signInAs, somebody, unique } from "../support/portal.js";

/** Presses of Tab after which a page should long have been gone through. */
const MOST = 1500;
const source = readFileSync(new URL("../../../console/src/pages.ts", import.meta.url), "utf8");
const TABLE = [...source.matchAll(/path: "([^"]+)",\s*title: "([^"]+)"([^}]*)/g)].map(([, path, , more]) => ({
  path: path.replace(/\/\*$/, ""),
  of: /of: "(\w+)"/.exec(more)?.[1],
}));
const ofWhom = (whom) => TABLE.filter(({ of }) => of === whom).map(({ path }) => path);

/** Deeper than the table leads: a form, a list, a thing of it. */
const DEEP = ["/api/Buyers.Create", "/api/Webhooks.Create", "/api/Products.List", "/data/Products.List"];

/** Marks what can be used by a mouse, and is there to be seen: what Tab does not come to is told by its text. */
function mark() {
  const FOCUSABLE = "a[href],button,input,select,textarea,summary,[tabindex],[contenteditable=true]";
  // Of these the widget's own keys choose: arrows, Home, letters.
  const WITHIN = "[role=tab],[role=option],[role=radio],[role=menuitem],[role=treeitem],[role=gridcell],input[type=radio]";
  const seen = (each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && each.getClientRects().length > 0;
  const name = (each) => `<${each.tagName.toLowerCase()}> ${(each.ariaLabel || each.textContent || each.placeholder || "").trim().slice(0, 60)}`;
  const unreachable = [...document.querySelectorAll("body *")]
    .filter((each) => seen(each) && getComputedStyle(each).cursor === "pointer")
    .filter((each) => !each.closest(`${FOCUSABLE},${WITHIN},label,[disabled],[data-disabled],.cm-editor`))
    .map(name);
  const dialog = [...document.querySelectorAll("[role=dialog][aria-modal=true]")].find(seen);
  const wanted = [...(dialog ?? document).querySelectorAll(FOCUSABLE)].filter(
    (each) => each.tabIndex >= 0 && !each.disabled && seen(each) && !each.matches(WITHIN) && !each.closest("[inert]"),
  );
  wanted.forEach((each, number) => (each.dataset.wanted = String(number)));
  return { unreachable, wanted: wanted.map(name) };
}

/** What has the focus: its mark, whether that can be seen, and whether the page has been gone through. */
function focused() {
  const each = document.activeElement;
  if (each === null || each === document.body) return { through: true };
  const inside = each.closest(".cm-editor") ?? each;
  // An input's frame may be what shows it.
  const shows = [inside, inside.parentElement, ...inside.querySelectorAll("*")].some((one) => {
    const style = getComputedStyle(one);
    // Its width may be on its way.
    return style.outlineStyle !== "none" || style.boxShadow !== "none" || one.matches(".cm-focused");
  });
  const field = each.matches("input,textarea,[contenteditable=true]");
  const { width, height } = each.getBoundingClientRect();
  return { wanted: each.dataset.wanted, shown: shows || field, there: width > 0 && height > 0, html: each.outerHTML.slice(0, 200) };
}

/** All that is on a page, with Tab. */
async function goThrough(page, path, shown = page.getByRole("main").getByRole("heading", { level: 1 })) {
  await open(page, path);
  await shown.first().waitFor();
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.evaluate(() => document.activeElement?.blur());
  const { unreachable, wanted } = await page.evaluate(mark);
  assert.deepEqual(unreachable, [], `${path}: for a mouse alone`);
  const reached = new Set();
  // A page may have begun with the focus in its middle: it is gone through from there, and once more from its top. A dialog keeps it.
  let presses = 0;
  let first;
  for (let rounds = 0; rounds < 2 && presses < MOST; presses++) {
    await page.keyboard.press("Tab");
    const on = await page.evaluate(focused);
    if (on.through || (first !== undefined && on.wanted === first)) rounds++;
    if (on.through) continue;
    first ??= on.wanted;
    assert.ok(on.shown, `${path}: nobody sees the focus of ${on.html}`);
    if (on.wanted !== undefined) reached.add(Number(on.wanted));
  }
  assert.ok(presses < MOST, `${path}: Tab does not come to the end`);
  // What has gone since, when the page asked anew, needs no key.
  const left = await page.evaluate(() => [...document.querySelectorAll("[data-wanted]")].map((each) => Number(each.dataset.wanted)));
  assert.deepEqual(wanted.filter((_, number) => left.includes(number) && !reached.has(number)), [], `${path}: Tab does not come to these`);
  return wanted.length;
}

/** Tab until this has the focus. */
async function to(page, target) {
  await target.waitFor();
  for (let presses = 0; presses < MOST; presses++) {
    if (await target.evaluate((each) => each === document.activeElement || each.contains(document.activeElement))) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not come to ${target}`);
}

async function use(page, target, ...keys) {
  await to(page, target);
  for (const key of keys) await page.keyboard.press(key);
}

async function type(page, target, text) {
  await to(page, target);
  await page.keyboard.type(text);
}

for (const { as, paths, arrive } of [
  { as: "nobody", paths: ["/", ...ofWhom("nobody")], arrive: (page) => open(page) },
  { as: "who acts in a marketplace", paths: [...ofWhom(undefined), ...DEEP], arrive: (page) => signIn(page) },
  {
    as: "an account of the portal",
    paths: ofWhom("account"),
    arrive: (page) => signInAs(page, demo.portal.username, "/", demo.portal.password),
  },
]) person(`Tab comes to all that is on each page, shows where it is, and out again: ${as}`, async (page) => {
  await arrive(page);
  for (const path of paths) assert.ok((await goThrough(page, path)) > 1, path);
});

person("Tab stays in what lies over a page until it is closed", async (page) => {
  const { Items: buyers } = await ask("GET", "/buyers?pageSize=1");
  await signIn(page);
  assert.ok((await goThrough(page, `/data/Buyers.List?item=${buyers[0].ID}`, page.getByRole("dialog").getByRole("tab"))) > 1);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

person("signing in, a marketplace, a buyer, a change of it: with keys alone", async (page) => {
  const { username } = await somebody("Kay Keys");
  const run = unique("k");
  await open(page);
  await type(page, page.getByLabel("Username or e-mail address"), username);
  await type(page, page.getByLabel(/^Password/), PASSWORD);
  await page.keyboard.press("Enter");

  await page.getByRole("heading", { name: "Marketplaces" }).waitFor();
  await use(page, page.getByRole("button", { name: "New" }), "Enter");
  await type(page, page.getByLabel("Name"), "Quay of keys");
  await type(page, page.getByLabel("ID", { exact: true }), run);
  await use(page, page.getByRole("button", { name: "Make it" }), "Space");
  await page.getByRole("heading", { name: "Quay of keys" }).waitFor();

  // The card of the context opens, and Escape leads back to its button.
  const card = page.getByRole("banner").getByRole("button", { expanded: false }).first();
  await use(page, card, "Enter");
  await page.getByRole("dialog").getByText("Sandbox", { exact: true }).first().waitFor();
  await accessible(page);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.ok(await card.evaluate((each) => each === document.activeElement), "the focus goes back to what had it");

  // An operation is searched for, its form filled, sent.
  await use(page, page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "API console" }), "Enter");
  await type(page, page.getByRole("searchbox", { name: "Search operations" }), "buyers create");
  await use(page, page.getByRole("complementary", { name: "Operations" }).getByRole("link", { name: /Buyers\.Create$/ }), "Enter");
  await page.getByRole("heading", { name: "Create a new Buyer" }).waitFor();
  await type(page, page.getByLabel(/^ID/), `${run}-buyer`);
  await type(page, page.getByLabel(/^Name/), "Keyed");
  await use(page, page.getByRole("combobox", { name: "Active" }), "ArrowDown", "ArrowDown", "Enter");
  await use(page, page.getByRole("button", { name: "Send", exact: true }), "Enter");
  await page.getByRole("region", { name: /^Answer to/ }).getByRole("status").getByText("201", { exact: true }).waitFor();

  // The same in the table: opened, changed, saved, closed.
  await use(page, page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Data" }), "Enter");
  await open(page, "/data/Buyers.List");
  await use(page, page.getByRole("table").getByRole("button", { name: `${run}-buyer` }).first(), "Enter");
  const dialog = page.getByRole("dialog");
  await to(page, dialog.getByRole("tab", { selected: true }));
  const edit = dialog.getByRole("tab", { name: "Edit" });
  while ((await edit.getAttribute("aria-selected")) !== "true") await page.keyboard.press("ArrowRight");
  await use(page, dialog.getByLabel(/^Name/), "Control+A");
  await page.keyboard.type("Keyed anew");
  await use(page, dialog.getByRole("button", { name: /^Save/ }), "Enter");
  await page.getByText("Keyed anew", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});
