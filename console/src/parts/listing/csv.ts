import { type Item, type Page, ask } from "../../api/ask";
import type { Api } from "../../api/useApi";
import { spell, valueAt } from "./fields";
import { type Listing, queryOf } from "./useListing";

/** Rows of one file; lists go no further by pages either. */
export const MOST_ROWS = 100_000;

/** All items of a list, a hundred at a time by page key. Throws what a call throws, and AbortError. */
export async function everything(
  api: Api,
  path: string,
  listing: Listing,
  more: Record<string, string>,
  progress: (done: number, total: number) => void,
  stop: AbortSignal,
): Promise<Item[]> {
  const items: Item[] = [];
  let query = queryOf({ ...listing, page: 1, size: 100, pageKey: "" }, more);
  for (;;) {
    stop.throwIfAborted();
    const page = await ask<Page>(api, path + query);
    items.push(...page.Items);
    progress(items.length, page.Meta.TotalCount);
    const next = page.Meta.NextPageKey;
    if (!next || items.length >= MOST_ROWS) return items;
    query = `?pageKey=${encodeURIComponent(next)}`;
  }
}

/** The columns of items as a file of comma-separated values, as RFC 4180 has it. */
export function csvOf(items: Item[], columns: string[]): string {
  const lines = [columns.map(quoted), ...items.map((item) => columns.map((name) => cell(valueAt(item, name))))];
  return lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
}

function cell(value: unknown): string {
  // A text must not become a formula of whoever opens the file.
  return typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? quoted(`'${value}`) : quoted(spell(value));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Gives the browser a file to keep. */
export function download(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
