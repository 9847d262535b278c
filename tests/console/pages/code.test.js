// The code that the API console shows does what the console did: each language's is run as it stands.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import * as sdk from "ordercloud-javascript-sdk";
import { ask, token } from "../support/api.js";
import { URL_OF_SERVER, person, signIn } from "../support/browser.js";

const run = promisify(execFile);
const HERE = new URL("..", import.meta.url).pathname;
const RUN = `k${Date.now().toString(36)}`;
/** Whatever a shell, a template, a quoted text or a raw literal could take for its own. */
const NASTY = "it's \"quoted\" $HOME `id` $(id) ${1} \\n %s {0} \"\"\" é \u2028 <b>";

const RUNNERS = {
  curl: (code) => run("bash", ["-c", code.replace("curl ", "curl -s -w '\\n%{http_code}' ")], options),
  JavaScript: (code) => run(process.execPath, ["--input-type=module", "-e", code], options),
  Python: (code) => run(process.env.PYTHON ?? "python3", ["-c", code], options),
};
let options;

/** Sends what the link fills in, and the code of each language. */
async function sent(page, path, status) {
  await page.goto(`${URL_OF_SERVER}/#/api/${path}`);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("status", { name: "Answer" }).getByText(status, { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Code" }).click();
  await page.getByText("The request as it was sent.").waitFor();
  const found = {};
  for (const language of ["curl", "JavaScript", "C#", "Python"]) {
    await page.getByRole("radiogroup", { name: "Language" }).getByText(language, { exact: true }).click();
    found[language] = await page.getByTestId("code").textContent();
  }
  return found;
}

test("what is said of the SDK holds: no method is missing but those for which the code uses fetch", async () => {
  const { paths } = await (await fetch(`${URL_OF_SERVER}/v1/openapi/v3`)).json();
  const missing = Object.values(paths)
    .flatMap((verbs) => Object.values(verbs))
    .filter(({ servers }) => servers === undefined)
    .map(({ operationId }) => operationId)
    .filter((id) => typeof sdk[id.split(".")[0]]?.[id.split(".")[1]] !== "function");
  assert.equal(missing.length, 22, missing.join(" "));
  options = { cwd: HERE, env: { ...process.env, TOKEN: await token() } };
});

person("a list with filters: curl, JavaScript and Python answer what the console showed", async (page) => {
  options = { cwd: HERE, env: { ...process.env, TOKEN: await token() } };
  await ask("POST", "/buyers", { ID: `${RUN}-listed`, Name: NASTY, Active: true });
  await signIn(page);
  const query = new URLSearchParams({ search: RUN, sortBy: "!Name,ID", pageSize: "5", Name: "it's*", "xp.None": "!*" });
  const codes = await sent(page, `Buyers.List?${query}`, "200");
  assert.match(codes.JavaScript, /Buyers\.List\(\{/);
  for (const [language, runner] of Object.entries(RUNNERS)) {
    const { stdout } = await runner(codes[language]);
    assert.match(stdout, new RegExp(`${RUN}-listed`), `${language}: ${stdout}`);
    assert.match(stdout, /TotalCount"?: ?1\b/, `${language}: ${stdout}`);
  }
  assert.equal(
    codes["C#"],
    `using System.Net.Http.Headers;
using System.Text;

using var http = new HttpClient();
using var request = new HttpRequestMessage(new HttpMethod("GET"), "${URL_OF_SERVER}/v1/buyers?search=${RUN}&sortBy=%21Name%2CID&pageSize=5&Name=it%27s*&xp.None=%21*");
request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("TOKEN"));
using var answer = await http.SendAsync(request);
Console.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");`,
  );
});

for (const [operation, path, at] of [
  ["Buyers.Save", `Buyers.Save?buyerID=${RUN}-saved`, `/buyers/${RUN}-saved`],
  // Of which the SDK knows nothing.
  ["BuyerGroups.Save", `BuyerGroups.Save?buyerGroupID=${RUN}-group`, `/buyergroups/${RUN}-group`],
]) {
  person(`a body of any letters: curl, JavaScript and Python write what the console wrote (${operation})`, async (page) => {
    options = { cwd: HERE, env: { ...process.env, TOKEN: await token() } };
    const body = { Name: NASTY, xp: { text: NASTY, deep: { list: [1, null, true, NASTY] } } };
    await signIn(page);
    const link = `${path}&${new URLSearchParams({ "~body": JSON.stringify(body) })}`;
    const codes = await sent(page, link, "200");
    const written = await ask("GET", at);
    assert.deepEqual([written.Name, written.xp], [body.Name, body.xp]);
    for (const [language, runner] of Object.entries(RUNNERS)) {
      await ask("PUT", at, { Name: `before ${language}`, xp: { other: 1 } });
      const { stdout, stderr } = await runner(codes[language]);
      const after = await ask("GET", at);
      assert.deepEqual([after.Name, after.xp], [body.Name, body.xp], `${language}: ${stdout} ${stderr}`);
    }
    assert.ok(codes["C#"].includes(`new StringContent("""\n${JSON.stringify(body, null, 2)}\n""", Encoding.UTF8, "application/json");`), codes["C#"]);
  });
}

person("a parameter of the query that must be given, and an answer without a body", async (page) => {
  options = { cwd: HERE, env: { ...process.env, TOKEN: await token() } };
  const at = `/priceschedules/${RUN}-price`;
  const breaks = [{ Quantity: 1, Price: 5 }, { Quantity: 10, Price: 4 }];
  await ask("PUT", at, { Name: "Breaks", PriceBreaks: breaks });
  await signIn(page);
  const codes = await sent(page, `PriceSchedules.DeletePriceBreak?priceScheduleID=${RUN}-price&quantity=10`, "204");
  assert.match(codes.JavaScript, /DeletePriceBreak\("[^"]+", \{ quantity: 10 \}\)/);
  for (const [language, runner] of Object.entries(RUNNERS)) {
    await ask("PUT", at, { Name: "Breaks", PriceBreaks: breaks });
    await runner(codes[language]);
    const { PriceBreaks } = await ask("GET", at);
    assert.deepEqual(PriceBreaks.map(({ Quantity }) => Quantity), [1], language);
  }
});
