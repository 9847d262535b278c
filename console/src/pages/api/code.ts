// The request as code. Texts of the request are quoted as each language has it, so that what is pasted does just this.
import type { Operation } from "../../api/document";
import { pathValues, type Request } from "./request";

export interface Language {
  name: string;
  code: (request: Request, operation: Operation, baseUrl: string) => string;
}

export const LANGUAGES: Language[] = [
  { name: "curl", code: curl },
  { name: "JavaScript", code: javaScript },
  { name: "C#", code: cSharp },
  { name: "Python", code: python },
];

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function curl(request: Request, _: Operation, baseUrl: string): string {
  const parts = [`curl ${request.verb === "GET" ? "" : `-X ${request.verb} `}${shellQuoted(baseUrl + request.path)}`];
  if (!request.open) parts.push('-H "Authorization: Bearer $TOKEN"');
  if (request.contentType !== undefined) parts.push(`-H ${shellQuoted(`Content-Type: ${request.contentType}`)}`);
  if (request.body !== undefined) parts.push(`--data-raw ${shellQuoted(request.body)}`);
  return parts.join(" \\\n  ");
}

/** What the official SDK, 12.0.0, has no method for. */
const NOT_IN_SDK = new Set([
  ...["List", "Create", "Get", "Save", "Patch", "Delete"].flatMap((verb) => [`BuyerGroups.${verb}`, `Discounts.${verb}`]),
  ...["ListAssignments", "SaveAssignment", "DeleteAssignment"].map((verb) => `Discounts.${verb}`),
  ...["GetCatalogs", "SaveCatalogs", "PatchCatalogs", "DeleteCatalogs", "SyncCatalog"].map((verb) => `EntitySynchronization.${verb}`),
  "Promotions.ListCodes",
  "Orders.Repeat",
]);

/** Whether the SDK can say it: it takes one filter by a name. */
function isInSdk(request: Request, operation: Operation, filters: [string, string][]): boolean {
  const names = new Set(filters.map(([name]) => name));
  return request.path.startsWith("/v1/") && !request.contentType?.includes("form") && !NOT_IN_SDK.has(operation.id) && names.size === filters.length;
}

/** Through the official SDK, whose methods are named as the operations: the path's parameters, the body, then those of the query. */
function javaScript(request: Request, operation: Operation, baseUrl: string): string {
  const [resource = "", method = ""] = operation.id.split(".");
  const query = [...new URLSearchParams(request.path.split("?")[1] ?? "")];
  const declared = (name: string) => operation.parameters.find((each) => each.in === "query" && each.name === name);
  const filters = query.filter(([name]) => declared(name) === undefined);
  if (!isInSdk(request, operation, filters)) return javaScriptFetch(request, baseUrl);
  const options = [
    ...query
      .filter(([name]) => declared(name) !== undefined)
      .map(([name, value]) => `${name}: ${optionOf(operation, name, value)}`),
    ...(filters.length > 0
      ? [`filters: { ${filters.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(", ")} }`]
      : []),
  ];
  const args = [
    ...Object.values(pathValues(operation, request.path)).map((each) => JSON.stringify(each)),
    ...(request.body === undefined ? [] : [request.body]),
    ...(options.length > 0 ? [`{ ${options.join(", ")} }`] : []),
  ];
  return [
    `import { Configuration, ${resource}, Tokens } from "ordercloud-javascript-sdk";`,
    "",
    `Configuration.Set({ baseApiUrl: ${JSON.stringify(baseUrl)} });`,
    "Tokens.SetAccessToken(process.env.TOKEN);",
    `console.log(await ${resource}.${method}(${args.join(", ")}));`,
  ].join("\n");
}

function optionOf(operation: Operation, name: string, value: string): string {
  const schema = operation.parameters.find((each) => each.name === name)?.schema;
  if (["integer", "number", "boolean"].includes(schema?.type ?? "")) return value;
  return JSON.stringify(schema?.type === "array" ? value.split(",") : value);
}

function javaScriptFetch(request: Request, baseUrl: string): string {
  const headers = [
    ...(request.open ? [] : ["    Authorization: `Bearer ${process.env.TOKEN}`,"]),
    ...(request.contentType === undefined ? [] : [`    "Content-Type": ${JSON.stringify(request.contentType)},`]),
  ];
  return [
    `const answer = await fetch(${JSON.stringify(baseUrl + request.path)}, {`,
    `  method: ${JSON.stringify(request.verb)},`,
    ...(headers.length > 0 ? ["  headers: {", ...headers, "  },"] : []),
    ...(request.body === undefined ? [] : [`  body: ${JSON.stringify(request.body)},`]),
    "});",
    "console.log(answer.status, await answer.text());",
  ].join("\n");
}

/** A raw literal with more quotes than are in the text. */
function cSharpText(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/"+/g)].map((match) => match[0].length));
  const quotes = '"'.repeat(longest + 1);
  return `${quotes}\n${text}\n${quotes}`;
}

function cSharp(request: Request, _: Operation, baseUrl: string): string {
  return [
    "using System.Net.Http.Headers;",
    "using System.Text;",
    "",
    "using var http = new HttpClient();",
    `using var request = new HttpRequestMessage(new HttpMethod(${JSON.stringify(request.verb)}), ${JSON.stringify(baseUrl + request.path)});`,
    ...(request.open
      ? []
      : [
          'request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("TOKEN"));',
        ]),
    ...(request.body === undefined
      ? []
      : [
          `request.Content = new StringContent(${cSharpText(request.body)}, Encoding.UTF8, ${JSON.stringify(request.contentType ?? "")});`,
        ]),
    "using var answer = await http.SendAsync(request);",
    "Console.WriteLine($\"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}\");",
  ].join("\n");
}

function python(request: Request, _: Operation, baseUrl: string): string {
  const headers = [
    ...(request.open ? [] : [`"Authorization": f"Bearer {os.environ['TOKEN']}"`]),
    ...(request.contentType === undefined ? [] : [`"Content-Type": ${JSON.stringify(request.contentType)}`]),
  ];
  return [
    "import os",
    "",
    "import httpx",
    "",
    "answer = httpx.request(",
    `    ${JSON.stringify(request.verb)},`,
    `    ${JSON.stringify(baseUrl + request.path)},`,
    ...(headers.length > 0 ? [`    headers={${headers.join(", ")}},`] : []),
    ...(request.body === undefined ? [] : [`    content=${JSON.stringify(request.body)}.encode(),`]),
    ")",
    "print(answer.status_code, answer.text)",
  ].join("\n");
}
