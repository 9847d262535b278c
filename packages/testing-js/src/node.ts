import { test as base } from "node:test";
import { withMarketplace, type Given } from "./each.js";

/** The `test` of node:test, with a fresh marketplace for each. */
export function test(name: string, body: (given: Given) => void | Promise<void>): Promise<void> {
  return base(name, withMarketplace(body));
}
