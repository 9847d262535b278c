import type { Clock } from "./clock.js";
import type { Mailbox } from "./mailbox.js";
import type { Marketplace } from "./marketplace.js";
import { startServer } from "./start.js";

/** What a test is given. */
export interface Given {
  marketplace: Marketplace;
  clock: Clock;
  mailbox: Mailbox;
}

/** The body of a test, with a fresh marketplace that is gone afterwards: for any runner. */
export function withMarketplace(body: (given: Given) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const marketplace = await (await startServer()).marketplace();
    try {
      await body({ marketplace, clock: marketplace.clock, mailbox: marketplace.mailbox });
    } finally {
      await marketplace.delete();
    }
  };
}
