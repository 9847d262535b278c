import assert from "node:assert/strict";
import { REFUSED, accessible, looks, open, person } from "../support/browser.js";
import { PASSWORD, listening, mailTo, signInAs, somebody, tokenOf, unique } from "../support/portal.js";

const MOST_CALLS = 6;

person("somebody signs up by the code of a mail (PORT-3)", async (page) => {
  const username = unique("new");
  const email = `${username}@example.com`;
  await open(page);
  await page.getByRole("link", { name: "Make an account" }).click();
  await page.getByRole("heading", { name: "Make an account" }).waitFor();
  await page.getByLabel("E-mail address").fill(email);
  await looks(page, "sign-up");
  await page.keyboard.press("Enter");
  await page.getByText(/A code is on its way/).waitFor();
  await page.getByRole("button", { name: "No mail arrives?" }).click();
  await page.getByText(`entrepot portal messages ${email}`).waitFor();
  await looks(page, "sign-up-code");
  await page.getByLabel("Code").fill((await mailTo(email)).code.toLowerCase());
  await page.getByLabel("Your name").fill("<b>Nora</b>");
  await page.getByLabel("Username").fill(username);
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByRole("button", { name: "Make my account" }).click();
  await page.getByRole("heading", { name: "Marketplaces" }).waitFor();
  await page.getByText("None yet: make your first one.").waitFor();
  assert.equal(page.url().includes("code"), false);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

person(
  "the mail's link brings address and code; what is refused is told and can be mended",
  async (page) => {
    const username = unique("link");
    const email = `${username}+tag@example.com`;
    await open(page, "/sign-up");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByText(/A code is on its way/).waitFor();
    await open(page, (await mailTo(email)).page);
    await page.reload();
    await page.getByText(`For ${email}.`).waitFor();
    await page.getByLabel("Username").fill(username);
    await page.getByLabel(/^Password/).fill("short");
    await page.getByRole("button", { name: "Make my account" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole("button", { name: "Make my account" }).click();
    await page.getByRole("heading", { name: "Marketplaces" }).waitFor();
  },
  { expected: [REFUSED] },
);

person("what stands in a link is text, whoever wrote the link", async (page) => {
  const markup = encodeURIComponent(`<img src=x onerror="window.broken=1">\u202Egnp`);
  for (const path of ["sign-up", "new-password", "unlock"]) {
    await open(page, `/${path}?email=${markup}&code=${markup}`);
    await page.reload();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await accessible(page);
    assert.equal(await page.evaluate(() => window.broken), undefined, path);
  }
  await open(page, "/sign-up?email=late%40example.com&code=GONE");
  await page.reload();
  await page.getByText("For late@example.com.").waitFor();
  await page.getByRole("button", { name: "Ask for another code" }).click();
  assert.equal(await page.getByLabel("E-mail address").inputValue(), "late@example.com");
});

person("the link of a mail is followed in the tab that waits for it, and the next one, too", async (page) => {
  for (const path of ["sign-up", "new-password", "unlock"]) {
    await open(page, `/${path}`);
    await page.getByLabel("E-mail address").waitFor();
    for (const code of ["FIRST", "SECOND"]) {
      await open(page, `/${path}?email=waits%40example.com&code=${code}`);
      await page.waitForFunction((wanted) => [...document.querySelectorAll("input")].some(({ value }) => value === wanted), code);
    }
  }
  const { username } = await somebody();
  await signInAs(page, username, "/confirm?code=FIRST");
  for (const code of ["FIRST", "SECOND"]) {
    await open(page, `/confirm?code=${code}`);
    await page.waitForFunction((wanted) => document.querySelector("main input")?.value === wanted, code);
  }
});

person(
  "a server that is closed to sign-up says who makes accounts",
  async (page) => {
    const Message = "This server makes no accounts by itself: ask who runs it (entrepot portal user create).";
    const json = { Errors: [{ ErrorCode: "Portal.SignUpClosed", Message, Data: null }] };
    await page.route("**/api/v1/register", (route) => route.fulfill({ status: 403, json }));
    await open(page, "/sign-up");
    await page.getByLabel("E-mail address").fill("late@example.com");
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByRole("alert", { name: "Sign-up is closed here" }).getByText(Message).waitFor();
    await looks(page, "sign-up-closed");
  },
  { expected: [REFUSED] },
);

person("a forgotten password is set anew by the code of a mail, with or without its link (PORT-3)", async (page) => {
  const { username, email } = await somebody();
  await open(page);
  await page.getByRole("link", { name: "Forgotten your password?" }).click();
  await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByText(/A code is on its way/).waitFor();
  await looks(page, "new-password");
  const mail = await mailTo(email);
  await page.getByLabel("Code").fill(mail.code);
  await page.getByLabel(/^New password/).fill(`${PASSWORD}-1`);
  await page.getByRole("button", { name: "Set it and sign in" }).click();
  await page.getByRole("heading", { name: "Marketplaces" }).waitFor();
  await tokenOf(username, `${PASSWORD}-1`);
  assert.match(mail.page, /^\/new-password\?email=.*&code=/);
});

person(
  "an account that is locked is unlocked by the link of its mail",
  async (page) => {
    const { username, email } = await somebody();
    for (let attempt = 0; attempt < 11; attempt += 1) await assert.rejects(tokenOf(username, "Wrong-Password-1"));
    await open(page, (await mailTo(email)).page);
    await page.getByRole("heading", { name: "Unlock your account" }).waitFor();
    await looks(page, "unlock");
    await page.getByRole("button", { name: "Unlock it" }).click();
    await page.getByText("The lock has ended. Sign in.").waitFor();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await tokenOf(username);
  },
);

person(
  "an account's own page: name, address, password (PORT-3)",
  async (page) => {
    const { username, email } = await somebody("Olga \u202Eagl0 <img src=x onerror='window.broken=1'>");
    await signInAs(page, username, "/account");
    await page.getByLabel("Country").waitFor();
    const asked = listening(page);
    await page.reload();
    await page.getByLabel("Country").waitFor();
    await page.waitForLoadState("networkidle");
    assert.ok(asked.length <= MOST_CALLS, asked.join("\n"));
    await looks(page, "account");
    assert.equal(await page.evaluate(() => window.broken), undefined);

    await page.getByLabel("Name", { exact: true }).fill("Olga Hansen");
    await page.getByLabel("Username").fill(`${username}.x`);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("banner").getByText(`${username}.x`).waitFor();
    assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Olga Hansen");

    const part = page.getByRole("region", { name: "E-mail" });
    await part.getByRole("button", { name: "Change it" }).click();
    await part.getByLabel("New e-mail address").fill(`other-${email}`);
    await part.getByLabel("Your password").fill(PASSWORD);
    await part.getByRole("button", { name: "Send a code there" }).click();
    await part.getByLabel("Code").fill("2222222222");
    await part.getByRole("button", { name: "Confirm" }).click();
    await part.getByRole("alert").getByText("The code is wrong, was used, or has expired.").waitFor();
    await looks(page, "account-address");
    await part.getByLabel("Code").fill((await mailTo(`other-${email}`)).code);
    await part.getByRole("button", { name: "Confirm" }).click();
    await part.getByText(`other-${email}`, { exact: true }).waitFor();

    const secret = page.getByRole("region", { name: "Password" });
    await secret.getByLabel("Present password").fill(PASSWORD);
    await secret.getByLabel("New password").fill(`${PASSWORD}-2`);
    await secret.getByRole("button", { name: "Change the password" }).click();
    await page.getByText(/The password is changed/).waitFor();
    await page.reload();
    await page.getByLabel("Country").waitFor();
    await tokenOf(`${username}.x`, `${PASSWORD}-2`);
  },
  { expected: [REFUSED] },
);
