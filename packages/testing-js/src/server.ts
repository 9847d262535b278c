import { readFile } from "node:fs/promises";
import { login, sender, type Send } from "./answers.js";
import { Marketplace, type Made, type User } from "./marketplace.js";

const PATH = "/entrepot/v1/marketplaces";
const SPARE = 60_000;

/** @internal What a server tells of its demo marketplace. */
export interface Demo {
  baseUrl: string;
  clientID: string;
  integrationClientID: string;
  integrationClientSecret: string;
  users: Record<string, User>;
}

/** There is no server for tests; the message says why. */
export class NoServerError extends Error {
  override name = "NoServerError";
}

/** Of what a marketplace is made, and for how long. */
export interface MarketplaceOptions {
  name?: string;
  /** The ID of a snapshot of the original, in place of what that holds now. */
  snapshot?: string;
  /** A duration, an hour (`PT1H`) if nothing is said. */
  ttl?: string;
}

/** A running server. */
export class Server {
  readonly users: Readonly<Record<string, User>>;
  readonly #demo: Demo;
  readonly #send: Send;
  #token = "";
  #goodUntil = 0;

  /** @internal */
  constructor(
    /** Where it is, without a slash at the end. */
    readonly url: string,
    demo: Demo,
    /** Ends it, where this process has started it; else does nothing. */
    readonly stop: () => Promise<void>,
  ) {
    this.users = demo.users;
    this.#demo = demo;
    this.#send = sender(url, () => this.#login());
  }

  /** A copy of the marketplace that the server came with, or of a snapshot of it. */
  async marketplace({ name = "Test", snapshot, ttl = "PT1H" }: MarketplaceOptions = {}): Promise<Marketplace> {
    const made = await this.#send<Made>("POST", PATH, { Name: name.slice(0, 100), TTL: ttl, SnapshotID: snapshot });
    const remove = () => this.#send<void>("DELETE", `${PATH}/${made.ID}`);
    return new Marketplace(this.url, this.users, made, this.#demo.clientID, remove);
  }

  async #login(): Promise<string> {
    if (performance.now() > this.#goodUntil) {
      const told = await login(this.url, {
        grant_type: "client_credentials",
        client_id: this.#demo.integrationClientID,
        client_secret: this.#demo.integrationClientSecret,
      });
      this.#token = told.access_token;
      this.#goodUntil = performance.now() + told.expires_in * 1000 - SPARE;
    }
    return this.#token;
  }
}

/** @internal One that runs, and tells of its demo marketplace in a file, and of its address where none is given. */
export async function found(url: string | undefined, demoFile: string, stop = async () => {}): Promise<Server> {
  try {
    const demo = JSON.parse(await readFile(demoFile, "utf8")) as Demo;
    return new Server((url ?? demo.baseUrl).replace(/\/+$/, ""), demo, stop);
  } catch (error) {
    throw new NoServerError(
      `${demoFile} should say who may make marketplaces at ${url ?? "the server"} (demo.json in the data directory of the ` +
        `server; ENTREPOT_DEMO_FILE names another place): ${error}`,
    );
  }
}
