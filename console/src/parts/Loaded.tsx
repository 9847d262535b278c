import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Trouble } from "./Trouble";
import { Waiting } from "./Waiting";

interface Props<T> {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  what?: string;
}

/** A query's data; until it is there, or where it is not to be had, what is the matter. */
export function Loaded<T>({ query, children, what }: Props<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error !== null) return <Trouble error={query.error} retry={() => void query.refetch()} />;
  return <Waiting {...(what !== undefined && { what })} />;
}
