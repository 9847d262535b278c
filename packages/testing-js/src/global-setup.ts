import { startedKey, startServer } from "./start.js";

/** One server for all processes of Vitest (which calls what this returns at the end) or Jest (with global-teardown). */
export default async function setup(): Promise<() => Promise<void>> {
  const isNamed = Boolean(process.env.ENTREPOT_URL);
  const server = await startServer();
  // The first of a seed takes longer than runners let a test take.
  await (await server.marketplace()).delete();
  if (!isNamed) {
    process.env.ENTREPOT_TEST_BENCH_KEY = await startedKey();
    process.env.ENTREPOT_URL = server.url;
  }
  return server.stop;
}
