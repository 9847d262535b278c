import { demoFileOf, owner, startServer } from "./start.js";

/** One server for all processes of Vitest (which calls what this returns at the end) or Jest (with global-teardown). */
export default async function setup(): Promise<() => Promise<void>> {
  const isNamed = Boolean(process.env.ENTREPOT_URL);
  const server = await startServer();
  if (!isNamed) {
    process.env.ENTREPOT_URL = server.url;
    process.env.ENTREPOT_DEMO_FILE = demoFileOf(owner());
  }
  return server.stop;
}

