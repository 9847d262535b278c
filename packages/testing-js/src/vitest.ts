import { test as base } from "vitest";
import type { Given } from "./each.js";
import { startServer } from "./start.js";

/** Vitest's `test`, with a fresh marketplace for each test that asks for one. */
export const test = base.extend<Given>({
  marketplace: async ({ task }, use) => {
    const marketplace = await (await startServer()).marketplace({ name: task.name });
    await use(marketplace);
    await marketplace.delete();
  },
  clock: ({ marketplace }, use) => use(marketplace.clock),
  mailbox: ({ marketplace }, use) => use(marketplace.mailbox),
});
