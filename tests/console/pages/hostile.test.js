import assert from "node:assert/strict";
import { ask } from "../support/api.js";
import { REFUSED, accessible, demo, person, shot, signIn } from "../support/browser.js";

const RUN = `h${Date.now().toString(36)}`;
const MARKUP = `<img src=x onerror="window.broken=1"><script>window.broken=1</script>"'\`{{7*7}}javascript:alert(1)\u202Eabc`;

const answer = (page) => page.getByRole("region", { name: "Answer to admin01" });
const send = (page) => page.getByRole("button", { name: "Send", exact: true }).click();

person("names and xp full of markup stay text, in forms, answers, pickers and history", async (page) => {
  await ask("POST", "/buyers", { ID: `${RUN}-m`, Name: MARKUP.slice(0, 100), Active: true, xp: { [MARKUP]: [MARKUP, { a: MARKUP }], site: "javascript:alert(1)" } });
  await signIn(page, "admin01", `/api/Buyers.Get?buyerID=${RUN}-m`);
  await send(page);
  await answer(page).getByText("Name: ").waitFor();
  await page.getByLabel("buyerID").first().fill(`${RUN}-`);
  await page.getByRole("option").first().waitFor();
  await page.getByRole("tab", { name: "Code" }).click();
  for (const language of ["JavaScript", "C#", "Python"]) await page.getByText(language, { exact: true }).click();
  await page.getByText("History", { exact: true }).click();
  assert.equal(await page.evaluate(() => window.broken), undefined);
  assert.equal(await page.locator('a[href^="javascript:"]').count(), 0);
  await shot(page, "hostile-markup");
});

person("a name that runs from right to left stands before its value in JSON", async (page) => {
  const [name, text] = ["\u0627\u0633\u0645", "\u0642\u064a\u0645\u0629"];
  await ask("POST", "/buyers", { ID: `${RUN}-r`, Name: `${text} (A&B) 12`, Active: true, xp: { [name]: text, latin: text, [text]: 1 } });
  await signIn(page, "admin01", `/api/Buyers.Get?buyerID=${RUN}-r`);
  await send(page);
  for (const [before, after] of [
    [`${name}: `, `"${text}"`],
    ["latin: ", `"${text}"`],
    [`${text}: `, "1"],
  ]) {
    const line = answer(page).getByText(before + after, { exact: true });
    const left = async (part) => (await line.getByText(part.trim(), { exact: true }).boundingBox()).x;
    assert.ok((await left(before)) < (await left(after)), before);
  }
  await shot(page, "hostile-right-to-left");
});

person("an answer of 5 MB is drawn a part at a time", async (page) => {
  await signIn(page, "admin01", `/api/Buyers.Get?buyerID=${RUN}-large`);
  const large = { Items: Array.from({ length: 20_000 }, (_, index) => ({ index, text: "y".repeat(200) })), long: "z".repeat(500_000) };
  await page.route(`**/v1/buyers/${RUN}-large`, (route) => route.fulfill({ json: { ID: "large", Name: "Large", xp: large } }));
  await send(page);
  await answer(page).getByText("5.", { exact: false }).first().waitFor();
  await answer(page).getByRole("button", { name: /all 500,002 letters/ }).waitFor();
  assert.ok((await page.locator("*").count()) < 6000);
  await answer(page).getByText("Text", { exact: true }).click();
  await answer(page).getByText("The rest is in the file.").waitFor();
  await accessible(page);
});

person(
  "a server that goes away is told, and what was typed stays",
  async (page) => {
    await signIn(page, "admin01", "/api/Buyers.Create");
    await page.getByLabel(/^Name/).fill("Still here");
    await page.route("**/v1/**", (route) => route.abort("connectionrefused"));
    await send(page);
    await page.getByRole("alert").getByText("The server does not answer").waitFor();
    assert.equal(await page.getByLabel(/^Name/).inputValue(), "Still here");
    await accessible(page);
    await shot(page, "hostile-server-gone");
    await page.unroute("**/v1/**");
    await page.getByRole("button", { name: "Try again" }).click();
    await answer(page).getByRole("status").getByText("201", { exact: true }).waitFor();
  },
  { expected: [/ERR_CONNECTION_REFUSED/] },
);

person(
  "a session that has ended leads to a new one, and says so",
  async (page) => {
    await signIn(page, "admin01", "/");
    await page.getByRole("main").getByText("Ada Admin").waitFor();
    await page.evaluate(() => {
      const kept = JSON.parse(sessionStorage.getItem("entrepot.session"));
      kept.acting[0].token = `${kept.acting[0].token.slice(0, -4)}AAAA`;
      sessionStorage.setItem("entrepot.session", JSON.stringify(kept));
    });
    await page.reload();
    await page.getByText(/The session of admin01 has ended/).waitFor();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await accessible(page);
    // By the way that he was in, whose client is known.
    assert.equal(await page.getByLabel("API client ID").inputValue(), demo.clientID);
    assert.equal(await page.getByLabel("Username").inputValue(), demo.users.admin01.username);
  },
  { expected: [REFUSED] },
);

person(
  "a browser that has lost the internet asks its server all the same, and tells when that is out of reach, too",
  async (page) => {
    await signIn(page, "admin01", "/data/Buyers.List");
    const table = page.getByRole("region", { name: "Buyers", exact: true });
    await table.getByRole("button", { name: "demo-buyer" }).waitFor();
    await page.evaluate(() => window.dispatchEvent(new Event("offline")));
    await page.getByRole("searchbox").fill("no such buyer");
    await page.getByText("Nothing is here that fits.").waitFor();
    await page.context().setOffline(true);
    await page.getByRole("searchbox").fill("demo-buyer");
    await page.getByRole("alert").getByText("The server does not answer").waitFor();
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Try again" }).click();
    await table.getByRole("button", { name: "demo-buyer" }).waitFor();
  },
  { expected: [/ERR_INTERNET_DISCONNECTED/] },
);

person(
  "a page whose code cannot be had says so, and the rest stays",
  async (page) => {
    await signIn(page);
    await page.route("**/assets/api-*.js", (route) => route.abort("connectionrefused"));
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "API console" }).click();
    await page.getByRole("alert").getByText("This page could not be loaded").waitFor();
    await accessible(page);
  },
  { expected: [/ERR_CONNECTION_REFUSED/, /dynamically imported module/] },
);

person(
  "a page whose code the server could not give comes once it can",
  async (page) => {
    await signIn(page);
    const gone = (route) => route.abort("connectionrefused");
    await page.route(/\/assets\/|\/env$/, gone);
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Orders" }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("This page could not be loaded").waitFor();
    const again = alert.getByRole("button", { name: "Try again" });
    await Promise.all([page.waitForEvent("requestfailed"), again.click()]);
    await alert.getByText("This page could not be loaded").waitFor();
    await page.unroute(/\/assets\/|\/env$/, gone);
    await again.click();
    await page.getByRole("region", { name: "Orders", exact: true }).waitFor();
  },
  { expected: [/Failed to load resource/, /dynamically imported module|preload CSS/] },
);
