import { readFile } from "node:fs/promises";
import { RefusedError, sender, type Send } from "./answers.js";
import { Marketplace, type Made } from "./marketplace.js";

const PATH = "/entrepot/v1/marketplaces";

/** There is no server for tests; the message says why. */
export class NoServerError extends Error {
  override name = "NoServerError";
}

/** Of what is to be the seed no marketplace can be made; the message says why. */
export class SeedError extends Error {
  override name = "SeedError";
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
    const asked = { From: origin, Name: name.slice(0, 100), TTL: ttl };
    const made = await this.#send<Made>("POST", PATH, asked).catch((error: unknown) => {
      throw this.#told(error, of ? undefined : (seed ?? this.seed));
    });
    if (!made?.AccessToken) throw this.#none();
    return new Marketplace(this.url, made, of, () => this.#send<void>("DELETE", `${PATH}/${made.ID}`));
  }

  /** What is to be done, where that is known. */
  #told(error: unknown, seed: Seed | undefined): unknown {
    if (!(error instanceof RefusedError)) {
      // fetch has found nobody, no answer in time, or no JSON.
      if (error instanceof SyntaxError) return this.#none();
      const why = error instanceof Error ? String((error.cause as Error | undefined)?.message ?? error.message) : String(error);
      return new NoServerError(`No server answers at ${this.url} (${why}): start it, or correct ENTREPOT_URL; without that one is started.`);
    }
    if (error.status === 401 || error.status === 403) {
      return new NoServerError(`The server at ${this.url} refuses the key: ENTREPOT_TEST_BENCH_KEY has to be that with which it was started.`);
    }
    const called = typeof seed === "string" ? seed : seed?.file;
    if (error.errors.some((each) => each.ErrorCode.startsWith("Seed."))) {
      const lines = error.errors.map((each) => each.Message).join("\n");
      return new SeedError(`No marketplace can be made of the seed ${called}; correct it:\n${lines}`);
    }
    if (error.status === 404 && error.errors.some((each) => each.Data?.["ObjectType"] === "Seed")) {
      return new SeedError(
        `The server at ${this.url} has no seed ${called}: ENTREPOT_SEED is demo, the name of one of its own (its setting \`seeds\`), or a file with its ending.`,
      );
    }
    return error.status === 404 || error.status === 405 ? this.#none() : error;
  }

  #none = () =>
    new NoServerError(
      `At ${this.url} there is no Entrepot with its test bench on: correct ENTREPOT_URL, or start it with ENTREPOT_TEST_BENCH=true.`,
    );
}

async function read(seed: Seed) {
  if (typeof seed === "string") return { Seed: seed };
  try {
    return { Document: await readFile(seed.file, "utf8") };
  } catch (error) {
    throw new SeedError(`The seed file ${seed.file} cannot be read (${(error as Error).message}): ENTREPOT_SEED has to name one.`);
  }
}
