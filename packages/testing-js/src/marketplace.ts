import { login, sender, type Send } from "./answers.js";
import { Clock } from "./clock.js";
import { Mailbox } from "./mailbox.js";
import { PATH as CATCHERS, Receiver } from "./receiver.js";

const APPLICATION = "application";

/** A user whose password is known. */
export interface User {
  username: string;
  password: string;
}

/** What a receiver answers: 200 and `{"proceed": true}`, at once, if nothing is said. */
export interface ReceiverAnswer {
  status?: number;
  body?: string;
  delayMilliseconds?: number;
}

/** How somebody logs in, if not by the user's known password, with all roles, at the API client that the seed calls `application`. */
export interface Login {
  password?: string;
  roles?: string[];
  client?: string;
}

/** @internal */
export interface Made {
  ID: string;
  AccessToken: string;
  Clients: { ID: string; CopyOf: string }[];
  Users: { Username: string; Password: string }[];
}

/** A fresh marketplace, which nobody else touches, and which vanishes. */
export class Marketplace {
  readonly id: string;
  /** By username, those whose passwords stand in no seed file, as the demo's. */
  readonly users: Readonly<Record<string, User>>;
  /** Of a seller's user with FullAccess. */
  readonly accessToken: string;
  readonly clock: Clock;
  readonly mailbox: Mailbox;
  /** Sends a request with that token; its answer read as JSON. */
  readonly send: Send;
  readonly #clients: Map<string, string>;
  readonly #remove: () => Promise<void>;

  /** @internal */
  constructor(
    /** Of the server, without a slash at the end. */
    readonly url: string,
    made: Made,
    of: Marketplace | undefined,
    remove: () => Promise<void>,
  ) {
    this.id = made.ID;
    this.accessToken = made.AccessToken;
    const told = made.Users.map((each) => [each.Username, { username: each.Username, password: each.Password }]);
    this.users = of?.users ?? Object.fromEntries(told);
    const copies = new Map(made.Clients.map(({ ID, CopyOf }) => [CopyOf.toLowerCase(), ID]));
    // Of a copy of a marketplace: by the names that its own clients have.
    this.#clients = of ? new Map([...of.#clients].map(([name, id]) => [name, copies.get(id.toLowerCase())!])) : copies;
    this.send = sender(url, this.accessToken);
    this.clock = new Clock(this.send);
    this.mailbox = new Mailbox(this.send);
    this.#remove = remove;
  }

  /** The API client that the seed calls `application`, as the demo does. */
  get clientID(): string {
    return this.clientOf(APPLICATION);
  }

  /** The API client that has this ID in the seed; its own is another one. */
  clientOf(name: string): string {
    const found = this.#clients.get(name.toLowerCase());
    if (!found) throw new Error(`No API client ${name}; there are ${[...this.#clients.keys()].join(", ")}.`);
    return found;
  }

  /** An access token of a user. */
  async token(username: string, { password, roles = [], client = APPLICATION }: Login = {}): Promise<string> {
    const known = password ?? this.users[username]?.password;
    if (known === undefined) throw new Error(`The password of ${username} is not known: ${Object.keys(this.users)} have one.`);
    const form = { grant_type: "password", client_id: this.clientOf(client), username, password: known, scope: roles.join(" ") };
    return (await login(this.url, form)).access_token;
  }

  /** An address to send to, and what has come there. Refused where the server has no catchers. */
  async receiver({ status = 200, body = '{"proceed": true}', delayMilliseconds = 0 }: ReceiverAnswer = {}): Promise<Receiver> {
    const answer = { Status: status, Body: body, DelayMilliseconds: delayMilliseconds };
    return new Receiver(this.send, await this.send("POST", CATCHERS, answer));
  }

  /** Let requests fail: `fault({ OperationID: "Cart.Submit", Status: 503 })`, as docs/guide/faults.md says. The rule's ID. */
  async fault(rule: Record<string, unknown>): Promise<string> {
    return (await this.send<{ ID: string }>("POST", "/entrepot/v1/faults", rule)).ID;
  }

  /** Have it vanish now, and not when its time is over. */
  delete(): Promise<void> {
    return this.#remove();
  }
}
