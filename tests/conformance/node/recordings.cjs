// A recorded collection is run by newman; a recorded archive is held against the schema of HAR.
//   node recordings.cjs postman FILE NAME=VALUE...     node recordings.cjs har FILE
const { readFileSync } = require("node:fs");

const [kind, file, ...given] = process.argv.slice(2);
const content = JSON.parse(readFileSync(file, "utf8"));

if (kind === "har") {
  require("har-validator").har(content).then(
    () => console.log(JSON.stringify({ entries: content.log.entries.length })),
    (error) => {
      console.error(JSON.stringify(error.errors, null, 1));
      process.exit(1);
    },
  );
} else {
  const envVar = given.map((each) => {
    const at = each.indexOf("=");
    return { key: each.slice(0, at), value: each.slice(at + 1) };
  });
  require("newman").run({ collection: content, envVar, reporters: [] }, (error, summary) => {
    if (error) throw error;
    const { stats, failures } = summary.run;
    console.log(
      JSON.stringify({
        requests: stats.requests.total,
        assertions: stats.assertions.total,
        failures: failures.map((each) => `${each.source?.name}: ${each.error.message}`),
      }),
    );
  });
}
