import { type Item, type Page, ask } from "../../api/ask";
import type { Operation } from "../../api/document";
import type { Api } from "../../api/useApi";
import { spell, sortable, takes, valueAt } from "./fields";
import { type Listing, queryOf } from "./useListing";

const A_PAGE = 100;
/** Rows that lists can be gone through to by pages (LIST-4). */
const MOST_BY_PAGES = 100_000;

export interface Whole {
  api: Api;
  list: Operation;
  /** The list's path with its parents' IDs. */
  path: string;
  listing: Listing;
  more: Record<string, string>;
}

/**
 * All pages of a list, a hundred rows each: by page key; where that leads no further, by the last ID (LIST-5), in the order of IDs.
 * Throws what a call throws, and AbortError.
 */
export async function* pagesOf({ api, list, path, listing, more }: Whole, stop: AbortSignal): AsyncGenerator<Page> {
  const whole = { ...listing, page: 1, size: A_PAGE, pageKey: "" };
  const first = await ask<Page>(api, path + queryOf(whole, more));
  const { TotalCount, TotalPages, NextPageKey } = first.Meta;
  const leads = TotalPages <= 1 || (Boolean(NextPageKey) && TotalCount <= MOST_BY_PAGES);
  const byID = !leads && takes(list, "filters") && (sortable(list)?.has("ID") ?? true);
  if (byID) yield* byLastID(api, path, whole, more, TotalCount, stop);
  else yield* byKey(api, path, first, stop);
}

async function* byKey(api: Api, path: string, first: Page, stop: AbortSignal): AsyncGenerator<Page> {
  for (let page = first; ; ) {
    stop.throwIfAborted();
    yield page;
    const next = page.Meta.NextPageKey;
    if (!next) return;
    page = await ask<Page>(api, `${path}?pageKey=${encodeURIComponent(next)}`);
  }
}

async function* byLastID(
  api: Api,
  path: string,
  listing: Listing,
  more: Record<string, string>,
  total: number,
  stop: AbortSignal,
): AsyncGenerator<Page> {
  const sorted = { ...listing, sort: "ID" };
  for (let last: string | undefined; ; ) {
    stop.throwIfAborted();
    const filters = last === undefined ? sorted.filters : [...sorted.filters, { field: "ID", operator: "gt" as const, value: last }];
    const page = await ask<Page>(api, path + queryOf({ ...sorted, filters }, more));
    // Each page counts only what comes after the one before.
    yield { ...page, Meta: { ...page.Meta, TotalCount: total } };
    last = page.Items.at(-1)?.ID as string | undefined;
    if (page.Items.length < A_PAGE || last === undefined) return;
  }
}

/** The head of a file of comma-separated values, as RFC 4180 has it. */
export function csvHead(columns: string[]): string {
  return `${columns.map(quoted).join(",")}\r\n`;
}

export function csvLines(items: Item[], columns: string[]): string {
  return items.map((item) => `${columns.map((name) => cell(valueAt(item, name))).join(",")}\r\n`).join("");
}

function cell(value: unknown): string {
  // A text must not become a formula of whoever opens the file.
  return typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? quoted(`'${value}`) : quoted(spell(value));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Gives the browser a file to keep, of parts so that a large one is never one text. */
export function download(name: string, parts: string[], type: string): void {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
