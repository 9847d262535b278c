import type { Send } from "./answers.js";

const PATH = "/entrepot/v1/clock";

/** A moment: a Date, or a text as `2031-12-24T12:00:00Z`. */
export type Moment = Date | string;

/** A length of time; what is left out is nothing. All of it may be less than nothing where a clock is shifted. */
export interface Duration {
  weeks?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

/** What fell due at a moment on the way (`Subscriptions.Place`), and how many it was about. */
export interface Done {
  Moment: string;
  Chore: string;
  Count: number;
}

/** What time it is in a marketplace: stopped, shifted, advanced. */
export class Clock {
  readonly #send: Send;

  /** @internal */
  constructor(send: Send) {
    this.#send = send;
  }

  /** What it shows. */
  async now(): Promise<Date> {
    return new Date((await this.#send<{ Now: string }>("GET", PATH)).Now);
  }

  /** Stop it at a moment, or where it is; what it then shows. */
  freeze(moment?: Moment): Promise<Date> {
    return this.#set({ Mode: "Frozen", Moment: moment && text(moment) });
  }

  /** Let it go on, from a moment or from what it shows. */
  run(moment?: Moment): Promise<Date> {
    return this.#set({ Mode: "Running", Moment: moment && text(moment) });
  }

  /** Let it run so far ahead of the server's, or behind it. */
  shift(by: Duration): Promise<Date> {
    const seconds = milliseconds(by) / 1000;
    return this.#set({ Mode: "Running", Shift: `${seconds < 0 ? "-" : ""}PT${Math.abs(seconds).toFixed(3)}S` });
  }

  /** Have time go by, for so long or to a moment: all that falls due on the way is done at its moment, and told in order. */
  async advance(step: Duration | { to: Moment }): Promise<Done[]> {
    const target = "to" in step ? step.to : new Date((await this.now()).getTime() + milliseconds(step));
    const done: Done[] = [];
    for (;;) {
      // One request goes a part of a long way.
      const went = await this.#send<{ Reached: boolean; Done: Done[] }>("POST", `${PATH}/advance`, { To: text(target) });
      done.push(...went.Done);
      if (went.Reached) return done;
    }
  }

  /** Set it back to the server's. */
  async reset(): Promise<void> {
    await this.#send("DELETE", PATH);
  }

  async #set(setting: object): Promise<Date> {
    return new Date((await this.#send<{ Now: string }>("PUT", PATH, setting)).Now);
  }
}

const text = (moment: Moment) => (typeof moment === "string" ? moment : moment.toISOString());

function milliseconds({ weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0 }: Duration): number {
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
