// The protocol's SDK for JavaScript at /mcp: prints what it got as one line of JSON. ENTREPOT_TOKEN is sent along.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const address = new URL(`${process.env.ENTREPOT_URL}/mcp`);
const headers = process.env.ENTREPOT_TOKEN ? { Authorization: `Bearer ${process.env.ENTREPOT_TOKEN}` } : {};
const transport = new StreamableHTTPClientTransport(address, { requestInit: { headers } });
const client = new Client({ name: "conformance", version: "1.0.0" });
await client.connect(transport);
const { tools } = await client.listTools();
const { resources } = await client.listResources();
const call = async (name, args) => {
  const result = await client.callTool({ name, arguments: args });
  return { refused: result.isError ?? false, answer: JSON.parse(result.content[0].text) };
};
const found = await call("search_operations", { query: "own record", group: "Me", limit: 1 });
const [{ operationID }] = found.answer.operations;
console.log(
  JSON.stringify({
    server: client.getServerVersion().name,
    tools: tools.map((tool) => [tool.name, tool.annotations.readOnlyHint]),
    guides: resources.filter((each) => each.uri.startsWith("entrepot://guides/")).length,
    operationID,
    me: await call("call_read", { operationID }),
    nothing: await call("call_read", { operationID: "Buyers.Get", path: { buyerID: "no such" } }),
    guide: (await client.readResource({ uri: "entrepot://guides/mcp" })).contents[0].text.slice(0, 12),
  }),
);
await client.close();
