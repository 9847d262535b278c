// `node -r` for the official seeding tool: its hosts are constants of its code. What it asks of the API goes to
// ENTREPOT_URL; anything else is an error.
const http = require("node:http");
const https = require("node:https");

const server = new URL(process.env.ENTREPOT_URL);

https.request = (options, answered) => {
  if (options.hostname !== "api.ordercloud.io") throw new Error(`the tool asks ${options.hostname}`);
  const { agent, agents, ...kept } = options;
  const headers = { ...options.headers, host: server.host };
  return http.request(
    { ...kept, headers, protocol: "http:", hostname: server.hostname, host: server.hostname, port: server.port },
    answered,
  );
};
