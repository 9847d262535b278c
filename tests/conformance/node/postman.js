// Postman's converter over the server's own document, then Postman's runner over requests of the result:
// log in, ask for one's own record, list buyers. Prints a JSON report; fails on anything but success.
import converter from "openapi-to-postmanv2";
import newman from "newman";
import { readFileSync } from "node:fs";

const base = process.env.ENTREPOT_URL;
const demo = JSON.parse(readFileSync(process.env.ENTREPOT_DEMO_FILE, "utf8"));

const data = await (await fetch(`${base}/v1/openapi/v3`)).text();
const collection = await new Promise((resolve, reject) => {
  converter.convert({ type: "string", data }, { folderStrategy: "Tags" }, (error, found) => {
    if (error) reject(error);
    else if (!found.result) reject(new Error(found.reason));
    else resolve(found.output[0].data);
  });
});

function* requests(items, folder = []) {
  for (const item of items) {
    if (item.item) yield* requests(item.item, [...folder, item.name]);
    else yield { folder, item };
  }
}

/** The converted request of a folder, with the token of the run in place of Postman's dialog. */
function take(verb, folder, path, script) {
  const found = [...requests(collection.item)].find(
    ({ folder: at, item }) =>
      item.request.method === verb && at.at(-1) === folder && `/${item.request.url.path.join("/")}` === path,
  );
  if (!found) throw new Error(`the collection has no ${verb} ${path} in ${folder}`);
  const request = structuredClone(found.item.request);
  request.auth = { type: "bearer", bearer: [{ key: "token", value: "{{token}}" }] };
  // Postman fills every optional parameter with its type; a person would clear them.
  request.url.query = [];
  return { name: found.item.name, request, event: [{ listen: "test", script: { exec: script } }] };
}

const user = demo.users.admin01;
const login = take("POST", "Tokens", "/oauth/token", [
  "pm.test('logged in', () => pm.response.to.have.status(200));",
  "pm.collectionVariables.set('token', pm.response.json().access_token);",
]);
const values = {
  grant_type: "password",
  client_id: demo.clientID,
  username: user.username,
  password: user.password,
  scope: "FullAccess",
};
login.request.auth = { type: "noauth" };
login.request.body.urlencoded = Object.entries(values).map(([key, value]) => ({ key, value }));

const journey = {
  info: collection.info,
  variable: collection.variable,
  item: [
    login,
    take("GET", "Me", "/me", [
      "pm.test('own record', () => {",
      "  pm.response.to.have.status(200);",
      `  pm.expect(pm.response.json().Username).to.eql(${JSON.stringify(user.username)});`,
      "});",
    ]),
    take("GET", "Buyers", "/buyers", [
      "pm.test('a page of buyers', () => {",
      "  pm.response.to.have.status(200);",
      "  pm.expect(pm.response.json()).to.have.all.keys('Items', 'Meta');",
      "  pm.expect(pm.response.json().Meta.Page).to.eql(1);",
      "});",
    ]),
  ],
};

const run = await new Promise((resolve, reject) => {
  newman.run({ collection: journey, reporters: [] }, (error, summary) => (error ? reject(error) : resolve(summary)));
});
const report = {
  requests: [...requests(collection.item)].length,
  assertions: run.run.stats.assertions.total,
  failures: run.run.failures.map(({ error, source }) => `${source?.name}: ${error.message}`),
};
console.log(JSON.stringify(report));
process.exitCode = report.failures.length === 0 ? 0 : 1;
