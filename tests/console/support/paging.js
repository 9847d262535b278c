// For `python -m benchmarks.console`: pages through a table of 100,000 rows and says how long each page took, as JSON.
import { chromium } from "playwright-core";

const { ENTREPOT_URL, CLIENT, SIGN_IN_AS, SIGN_IN_WITH, BUYER } = process.env;
const PAGES = 20;
const AGAIN = { by: "Next page" };
const CASES = [
  { name: "20 rows, next page by number", query: "", press: AGAIN },
  { name: "100 rows, next page by number", query: "&size=100", press: AGAIN },
  { name: "100 rows, next page by key", query: "&size=100&by=key", press: AGAIN },
  { name: "100 rows, sorted by LastName", query: "&size=100&sort=LastName", press: AGAIN },
  { name: "100 rows of 95,000 that are active, by LastName", query: `&size=100&sort=LastName&f=${["Active", "is", "true"].join("%1F")}`, press: AGAIN },
  { name: "20 rows, in the middle", query: "&page=2490", press: AGAIN },
  { name: "20 rows, the last pages", query: "&page=4970", press: AGAIN },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
page.setDefaultTimeout(60_000);
await page.goto(ENTREPOT_URL);
await page.getByRole("tab", { name: "API client" }).click();
await page.getByLabel("API client ID").fill(CLIENT);
await page.getByLabel("Username").fill(SIGN_IN_AS);
await page.getByLabel(/^Password/).fill(SIGN_IN_WITH);
await page.getByRole("button", { name: "Sign in", exact: true }).click();
await page.getByRole("navigation", { name: "Pages" }).waitFor();

// Of the page's own thread, in its processor time, which is the same beside whatever else the machine does.
const devtools = await page.context().newCDPSession(page);
await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
const computed = async () => (await devtools.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value * 1000;

const found = [];
for (const { name, query, press } of CASES) {
  await page.goto(`${ENTREPOT_URL}/#/data/Users.List?in.buyerID=${BUYER}${query}`);
  await page.reload();
  await page.getByRole("row").nth(1).waitFor();
  const times = [];
  const before = await computed();
  for (let index = 0; index < PAGES; index += 1) times.push(await pressed(press.by));
  const own = ((await computed()) - before) / PAGES;
  const of = (kind) => times.map((each) => each[kind]).toSorted((one, other) => one - other);
  const [all, requests] = [of("all"), of("request")];
  found.push({ name, own, median: all[PAGES / 2], slowest: all.at(-1), request: requests[PAGES / 2], slowestRequest: requests.at(-1) });
}
await browser.close();
console.log(JSON.stringify(found));

/** Milliseconds from the press to the frame after other rows stand there, and of the request within them. */
function pressed(label) {
  return page.evaluate(async (wanted) => {
    const first = () => document.querySelector("tbody tr")?.textContent;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const before = first();
    performance.clearResourceTimings();
    const start = performance.now();
    document.querySelector(`button[aria-label="${wanted}"]`).click();
    while (first() === before || document.querySelector('table[aria-busy="true"]') !== null) await frame();
    await frame();
    const all = performance.now() - start;
    return { all, request: performance.getEntriesByType("resource").at(-1)?.duration ?? 0 };
  }, label);
}
