// What a list shows, kept in the page's address, so that it can be left, come back to and handed on.
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { useSteady } from "../steady";
import { type Filter, kept, readFilter, written } from "./filters";

export interface Listing {
  search: string;
  filters: Filter[];
  /** A name, with `!` before it downwards; "" for the list's own order. */
  sort: string;
  page: number;
  size: number;
  /** Of the page, where it is gone through by keys. */
  pageKey: string;
  byKey: boolean;
  columns: string[];
}

export type Change = (changes: Partial<Listing>) => void;

export function useListing(columns: string[], usual: Partial<Pick<Listing, "sort" | "size">> = {}): [Listing, Change] {
  const [params, setParams] = useSearchParams();
  const fallback = columns.join(",");
  const listing = useMemo<Listing>(
    () => ({
      search: params.get("search") ?? "",
      filters: params.getAll("f").flatMap((each) => readFilter(each) ?? []),
      sort: params.get("sort") ?? usual.sort ?? "",
      page: Math.max(1, Number(params.get("page")) || 1),
      size: Math.min(100, Number(params.get("size")) || (usual.size ?? 20)),
      pageKey: params.get("key") ?? "",
      byKey: params.get("by") === "key",
      columns: (params.get("columns") ?? fallback).split(",").filter((each) => each !== ""),
    }),
    [params, fallback, usual.sort, usual.size],
  );
  const change = useSteady<[Partial<Listing>], void>((changes) => {
    // Another question begins at its first page.
    const start = "page" in changes || "pageKey" in changes || "columns" in changes ? {} : { page: 1, pageKey: "" };
    const next = { ...listing, ...start, ...changes };
    setParams((former) => {
      const found = new URLSearchParams(former);
      found.delete("f");
      for (const filter of next.filters) found.append("f", kept(filter));
      put(found, "search", next.search);
      put(found, "sort", next.sort === (usual.sort ?? "") ? "" : next.sort);
      put(found, "page", next.page > 1 ? String(next.page) : "");
      put(found, "size", next.size === (usual.size ?? 20) ? "" : String(next.size));
      put(found, "key", next.pageKey);
      put(found, "by", next.byKey ? "key" : "");
      put(found, "columns", next.columns.join(",") === fallback ? "" : next.columns.join(","));
      return found;
    });
  });
  return [listing, change];
}

function put(params: URLSearchParams, name: string, value: string): void {
  if (value === "") params.delete(name);
  else params.set(name, value);
}

/** The query of a list request. `more`: parameters of the operation's own. */
export function queryOf(listing: Listing, more: Record<string, string> = {}): string {
  if (listing.pageKey !== "") return `?pageKey=${encodeURIComponent(listing.pageKey)}`;
  const pairs: [string, string][] = Object.entries(more).filter(([, value]) => value !== "");
  if (listing.search !== "") pairs.push(["search", listing.search]);
  if (listing.sort !== "") pairs.push(["sortBy", listing.sort]);
  for (const filter of listing.filters) for (const value of written(filter)) pairs.push([filter.field, value]);
  if (listing.page > 1) pairs.push(["page", String(listing.page)]);
  pairs.push(["pageSize", String(listing.size)]);
  return `?${pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&")}`;
}
