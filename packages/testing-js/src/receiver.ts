import { awaited, everyItem, type Send, type Within } from "./answers.js";

export const PATH = "/entrepot/v1/catchers";

/** A request that has come. path: what followed the receiver's address; headers: by their names in lower case. What is secret in it is `***`. */
export interface Received {
  id: string;
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: string;
  /** Its body, read as JSON. */
  json(): any;
}

interface Caught {
  ID: string;
  Method: string;
  Path: string;
  Query: string;
  Headers: { Name: string; Value: string }[];
  Body: string;
}

/** An address of the server that keeps what is sent to it: `url` goes into a webhook's `Url`, or wherever else something is to be sent. */
export class Receiver {
  readonly id: string;
  readonly url: string;
  readonly #send: Send;
  readonly #known = new Map<string, Received>();
  readonly #told = new Set<string>();

  /** @internal */
  constructor(send: Send, made: { ID: string; Url: string }) {
    this.#send = send;
    this.id = made.ID;
    this.url = made.Url;
  }

  /** All that have come, the oldest first; of more than a hundred the last. */
  async requests(): Promise<Received[]> {
    const found: Received[] = [];
    for (const { ID } of await everyItem<Caught>(this.#send, this.#path)) found.push(await this.#read(ID));
    return found;
  }

  /** The oldest that matches and that no earlier call has answered. Refused where none comes in time. */
  wait(matching: (request: Received) => boolean = () => true, options: Within = {}): Promise<Received> {
    return awaited(
      async () => {
        const found = (await this.requests()).find((each) => !this.#told.has(each.id) && matching(each));
        if (found) this.#told.add(found.id);
        return found;
      },
      options,
      async () => {
        const there = (await this.requests()).map((each) => `${each.method} ${each.path}: ${each.body.slice(0, 200)}`);
        return `No such request. There are: ${there.join(", ")}`;
      },
    );
  }

  get #path(): string {
    return `${PATH}/${this.id}/requests`;
  }

  async #read(id: string): Promise<Received> {
    const known = this.#known.get(id);
    if (known) return known;
    const found = await this.#send<Caught>("GET", `${this.#path}/${id}`);
    const received: Received = {
      id,
      method: found.Method,
      path: found.Path,
      query: found.Query,
      headers: Object.fromEntries(found.Headers.map(({ Name, Value }) => [Name, Value])),
      body: found.Body,
      json: () => JSON.parse(found.Body),
    };
    this.#known.set(id, received);
    return received;
  }
}
