import { readFile } from "node:fs/promises";
import { sender, type Send } from "./answers.js";
import { Marketplace, type Made } from "./marketplace.js";

const PATH = "/entrepot/v1/marketplaces";

/** There is no server for tests; the message says why. */
export class NoServerError extends Error {
  override name = "NoServerError";
}

/** Of what marketplaces are made: the name of a seed of the server's, or a seed file. */
export type Seed = string | { file: string };

/** Of what a marketplace is made, and for how long. */
export interface MarketplaceOptions {
  name?: string;
  /** If not of the server's. */
  seed?: Seed;
  /** A marketplace of this server, of which it is to be a copy. */
  of?: Marketplace;
  /** A duration, an hour (`PT1H`) if nothing is said. */
  ttl?: string;
}

/** A running server, and what opens its test bench: the setting `test_bench_key`. */
export class Server {
  readonly #send: Send;

  /** @internal */
  constructor(
    /** Where it is, without a slash at the end. */
    readonly url: string,
    key: string,
    readonly seed: Seed,
    /** Ends it, where this process has started it; else does nothing. */
    readonly stop: () => Promise<void> = async () => {},
  ) {
    this.#send = sender(url, key);
  }

  /** A fresh marketplace: of the server's seed, of another one, or a copy of another marketplace. */
  async marketplace({ name = "Test", seed, of, ttl = "PT1H" }: MarketplaceOptions = {}): Promise<Marketplace> {
    const origin = of ? { MarketplaceID: of.id } : await read(seed ?? this.seed);
    const made = await this.#send<Made>("POST", PATH, { From: origin, Name: name.slice(0, 100), TTL: ttl });
    return new Marketplace(this.url, made, of, () => this.#send<void>("DELETE", `${PATH}/${made.ID}`));
  }
}

const read = async (seed: Seed) =>
  typeof seed === "string" ? { Seed: seed } : { Document: await readFile(seed.file, "utf8") };
