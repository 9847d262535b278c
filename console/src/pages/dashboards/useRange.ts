import { useState } from "react";
import { useSearchParams } from "react-router";

export const RANGES = { hour: "Hour", day: "Day", week: "Week", month: "Month", own: "Own" } as const;
export type Range = keyof typeof RANGES;

const SECONDS: Record<Exclude<Range, "own">, number> = { hour: 3_600, day: 86_400, week: 7 * 86_400, month: 30 * 86_400 };
export const LONGEST_DAYS = 366;

export interface Chosen {
  range: Range;
  from: Date;
  to: Date;
  /** Of the request: in it the minutes by which this browser is ahead of UTC. */
  query: string;
  choose: (range: Range, from?: string, to?: string) => void;
  /** Up to this moment. */
  again: () => void;
}

/** The span of time that is looked at: kept in the page's address, so that it can be handed on. */
export function useRange(): Chosen {
  const [params, setParams] = useSearchParams();
  const [now, setNow] = useState(() => new Date());
  const named = params.get("range");
  const range: Range = named !== null && named in RANGES ? (named as Range) : "day";
  const to = (range === "own" && moment(params.get("to"))) || now;
  const from = (range === "own" && moment(params.get("from"))) || new Date(to.getTime() - 1_000 * SECONDS[range === "own" ? "day" : range]);
  const query = new URLSearchParams({
    from: from.toISOString(),
    to: to.toISOString(),
    offset: String(-to.getTimezoneOffset()),
  });
  return {
    range,
    from,
    to,
    query: `?${query}`,
    choose: (next, begin, end) => {
      setNow(new Date());
      setParams(next === "own" ? { range: next, from: begin ?? from.toISOString(), to: end ?? to.toISOString() } : { range: next });
    },
    again: () => setNow(new Date()),
  };
}

function moment(text: string | null): Date | undefined {
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}
