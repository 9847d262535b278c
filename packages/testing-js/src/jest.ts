import { test as base } from "@jest/globals";
import { withMarketplace, type Given } from "./each.js";

/** Jest's `test`, with a fresh marketplace for each. */
export function test(name: string, body: (given: Given) => void | Promise<void>, milliseconds?: number): void {
  base(name, withMarketplace(body), milliseconds);
}
