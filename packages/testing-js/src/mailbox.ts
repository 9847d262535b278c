import { awaited, everyItem, type Send, type Within } from "./answers.js";

const PATH = "/entrepot/v1/mailbox";

interface Entry {
  ID: string;
  /** As `OrderSubmitted`. */
  MessageType: string;
  Recipient: string;
  Username: string;
  Subject: string;
  DateCreated: string;
}

/** A message to a person. EventBody: what a message sender would have got, codes and links included. */
export interface Message extends Entry {
  CCList: string[];
  Text: string;
  Html: string;
  EventBody: any;
}

/** To whom; anybody if nothing is said. */
export interface To {
  to?: string;
}

/** The messages of a marketplace, as long as neither a message sender nor a mail server takes them. */
export class Mailbox {
  readonly #send: Send;
  readonly #told = new Set<string>();

  /** @internal */
  constructor(send: Send) {
    this.#send = send;
  }

  /** All of a type that are there now, the oldest first. */
  async messages(type?: string, options: To = {}): Promise<Message[]> {
    const found: Message[] = [];
    for (const entry of await this.#entries(type, options)) found.push(await this.#read(entry));
    return found;
  }

  /** The oldest of a type that no earlier call has answered. Refused where none comes in time. */
  wait(type?: string, options: To & Within = {}): Promise<Message> {
    return awaited(
      async () => {
        const entry = (await this.#entries(type, options)).find(({ ID }) => !this.#told.has(ID));
        if (entry) this.#told.add(entry.ID);
        return entry && this.#read(entry);
      },
      options,
      async () => {
        const there = (await this.#entries(undefined, {})).map((each) => `${each.MessageType} to ${each.Recipient}`);
        return `No message ${type ?? ""} to ${options.to ?? "anybody"}. There are: ${there.join(", ")}`;
      },
    );
  }

  async #entries(type: string | undefined, { to }: To): Promise<Entry[]> {
    return (await everyItem<Entry>(this.#send, PATH)).filter(
      (entry) => (type === undefined || entry.MessageType === type) && (to === undefined || entry.Recipient === to),
    );
  }

  #read({ ID }: Entry): Promise<Message> {
    return this.#send("GET", `${PATH}/${ID}`);
  }
}
