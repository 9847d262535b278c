// What the server says of the draft while it is written.
import { useDebouncedValue } from "@mantine/hooks";
import { type UseQueryResult, keepPreviousData, useQuery } from "@tanstack/react-query";
import { type Item, ask } from "../../api/ask";
import { useApi } from "../../api/useApi";
import { type Draft, draftOf, isBlank, valuesOf } from "./draft";
import type { Check, Kind, Trial, Vocabulary } from "./told";

const ROOT = "/entrepot/v1/expressions";
/** Milliseconds after the last key. */
const PAUSE = 250;

export function useVocabulary(): UseQueryResult<Vocabulary> {
  const api = useApi();
  return useQuery({
    queryKey: [api.key, "expressions", "vocabulary"],
    queryFn: () => ask<Vocabulary>(api, `${ROOT}/vocabulary`),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The order, or the return, that a draft of this kind is tried on. */
export function subjectPath(kind: Kind, id: string): string {
  return `${ROOT}/${kind === "SellerApprovalRule" ? "orderreturns" : "orders"}/${encodeURIComponent(id)}`;
}

export function usePaths(kind: Kind, subject: string): Vocabulary["Records"] {
  const api = useApi();
  const path = `${subjectPath(kind, subject)}/paths`;
  const found = useQuery({
    queryKey: [api.key, "expressions", path],
    queryFn: () => ask<{ Records: Vocabulary["Records"] }>(api, path),
    enabled: subject !== "",
    retry: false,
  });
  return found.data?.Records ?? NOTHING;
}

const NOTHING: Vocabulary["Records"] = [];

export interface Checked {
  /** Of the draft as it is; undefined while it is being looked at. */
  check: Check | undefined;
  /** The last that is known, maybe of a draft before this one. */
  last: Check | undefined;
  trial: UseQueryResult<Trial>;
}

export function useChecked(kind: Kind, draft: Draft, id: string, subject: string): Checked {
  const api = useApi();
  const body = { Kind: kind, ...valuesOf(kind, draft), ...(id !== "" && { ID: id }) };
  const now = JSON.stringify(body);
  const [settled] = useDebouncedValue(now, PAUSE);
  // Of what was there before the first key nothing is to be said.
  const blank = isBlank(kind, draft) || isBlank(kind, draftOf(JSON.parse(settled) as Item));
  const checked = useQuery({
    queryKey: [api.key, "expressions", "check", settled],
    queryFn: () => ask<Check>(api, `${ROOT}/check`, "POST", JSON.parse(settled)),
    enabled: !blank,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const isNow = settled === now && !checked.isPlaceholderData;
  const check = !blank && isNow ? checked.data : undefined;
  const trial = useQuery({
    queryKey: [api.key, "expressions", "try", kind, subject, settled],
    queryFn: () => ask<Trial>(api, `${subjectPath(kind, subject)}/try`, "POST", JSON.parse(settled)),
    enabled: subject !== "" && check?.IsValid === true,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return { check, last: blank ? undefined : checked.data, trial };
}
