// `node -r` for the official seeding tool, whose hosts are constants of its code: every name resolves to this machine, and HTTPS is at
// HOSTS_PORT. The tool, its SDKs and TLS are as they are: the certificate has to bear the names that were asked for (NODE_EXTRA_CA_CERTS).
const dns = require("node:dns");
const https = require("node:https");

dns.lookup = (_hostname, options, found) => {
  const answered = typeof options === "function" ? options : found;
  const address = { address: "127.0.0.1", family: 4 };
  process.nextTick(() => (options.all ? answered(null, [address]) : answered(null, address.address, address.family)));
};

const request = https.request;
https.request = (options, answered) => request({ ...options, port: process.env.HOSTS_PORT, defaultPort: process.env.HOSTS_PORT }, answered);
