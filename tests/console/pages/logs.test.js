import { REFUSED, URL_OF_SERVER, demo, looks, open, person, signIn } from "../support/browser.js";

// A row shows what stands at its place: what is pressed while an answer is on its way may be another request by then. So nothing is
// pressed before the list is the one that was asked for, and at rest.

/** Of this run, so that it may be repeated on the same server. */
const REFUSED_ID = `console-refused-${Date.now().toString(36)}`;

person(
  "a refused request is found in the log, with everything about it (CON-9)",
  async (page) => {
    const form = new URLSearchParams({
      grant_type: "password",
      client_id: demo.clientID,
      username: demo.users.buyer01.username,
      password: demo.users.buyer01.password,
    });
    const login = await (await fetch(`${URL_OF_SERVER}/oauth/token`, { method: "POST", body: form })).json();
    const headers = { Authorization: `Bearer ${login.access_token}`, "X-Request-ID": REFUSED_ID };
    await fetch(`${URL_OF_SERVER}/v1/webhooks`, { headers });
    await signIn(page, "admin01", "/logs");
    await page.getByRole("checkbox", { name: "Live" }).check();
    await page.getByRole("button", { name: REFUSED_ID }).waitFor();
    await page.getByRole("checkbox", { name: "Live" }).uncheck();
    await looks(page, "logs");
    await page.getByRole("checkbox", { name: "Refused only" }).click();
    await page.waitForURL(/f=Status/);
    await page.waitForFunction(() => {
      const rows = [...document.querySelectorAll("tbody tr")];
      return rows.length > 0 && rows.every((row) => /^[45]\d\d$/.test(row.cells[1].innerText));
    });
    await page.getByRole("button", { name: REFUSED_ID }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByText("Auth.InsufficientRoles").waitFor();
    await drawer.getByText(demo.users.buyer01.username, { exact: true }).first().waitFor();
    await looks(page, "logs-one");
    await open(page, "/logs?id=nobody-sent-this");
    await page.getByRole("alert").waitFor();
  },
  { expected: [REFUSED] },
);

person("accounts of the portal are told by their names, or as owners, never by GUIDs (PORT-13, CON-9)", async (page) => {
  const context = await page.context().browser().newContext();
  const owner = await context.newPage();
  await open(owner, "/logs");
  await owner.getByRole("tab", { name: "Portal account" }).click();
  await owner.getByLabel("Username or e-mail address").fill(demo.portal.username);
  await owner.getByLabel(/^Password/).fill(demo.portal.password);
  await owner.getByRole("button", { name: "Sign in", exact: true }).click();
  await owner.getByRole("button", { name: new RegExp(demo.marketplaceID) }).click();
  await owner.getByRole("checkbox", { name: "Live" }).check();
  await owner.getByText(`${demo.portal.username} (portal account)`).first().waitFor();
  await context.close();
  await signIn(page, "admin01", "/logs");
  await page.getByRole("checkbox", { name: "Live" }).check();
  const row = page.getByRole("row").filter({ hasText: "owner (portal account)" }).first();
  await row.waitFor();
  await page.getByRole("checkbox", { name: "Live" }).uncheck();
  await page.locator('button[aria-label="Ask again"]:not([data-loading])').waitFor();
  await row.getByRole("button").click();
  await page.getByRole("dialog").getByText("owner (portal account)").first().waitFor();
});
