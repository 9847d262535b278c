// Leads OrderCloud's seeding tool to a server of your own, `node --require`d before it: the hosts that it asks are constants of its code.
// ENTREPOT_URL says where the server is.
const dns = require("node:dns");
const http = require("node:http");
const https = require("node:https");

const server = new URL(process.env.ENTREPOT_URL ?? "http://localhost:8080");
const { lookup } = dns;
const { request } = https;

https.request = (options, answered) => {
  if (!options.hostname?.endsWith(".ordercloud.io")) return request(options, answered);
  const { agent, agents, ...kept } = options;
  const { protocol, hostname, host, port } = server;
  const led = { ...kept, protocol, hostname, host: hostname, port, headers: { ...options.headers, host } };
  return protocol === "https:" ? request(led, answered) : http.request(led, answered);
};

// Names under .localhost are this machine's, which not every resolver knows.
dns.lookup = (name, ...rest) => lookup(name.endsWith(".localhost") ? "localhost" : name, ...rest);
