import { Stack, Tabs } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, useNavigate, useParams, useSearchParams } from "react-router";
import type { Item } from "../../api/ask";
import { useApi } from "../../api/useApi";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { Opening } from "./Opening";
import { Workbench } from "./Workbench";
import { KINDS, type Target, isPromotion, opened } from "./draft";
import type { Kind, Vocabulary } from "./told";
import { useVocabulary } from "./useExpressions";

/** Expressions of promotions and approval rules: written with completion, checked as they are typed, tried on an order (CON-6). */
export default function Expressions() {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const vocabulary = useVocabulary();
  const path = useParams()["*"] || KINDS[0]?.path;
  const tab = KINDS.find((each) => each.path === path);
  const leave = (next: string | null) => {
    const order = params.get("order");
    const stays = order !== null && tab?.kind !== "SellerApprovalRule" && next !== "returns";
    if (next !== null) navigate(`/expressions/${next}${stays ? `?${new URLSearchParams({ order })}` : ""}`);
  };
  return (
    <PageFrame title="Expressions" about="Write when a promotion applies and what it takes off, or when somebody has to approve; try it on a cart before it is saved.">
      <Tabs value={tab?.path ?? null} onChange={leave} keepMounted={false}>
        <Tabs.List mb="md">
          {KINDS.map((each) => (
            <Tabs.Tab key={each.path} value={each.path}>
              {each.title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {KINDS.map((each) => (
          <Tabs.Panel key={each.path} value={each.path}>
            <Loaded query={vocabulary} what="The language is on its way">
              {(known) => <OfKind vocabulary={known} kind={each.kind} what={each.what} />}
            </Loaded>
          </Tabs.Panel>
        ))}
      </Tabs>
    </PageFrame>
  );
}

function OfKind({ vocabulary, kind, what }: { vocabulary: Vocabulary; kind: Kind; what: string }) {
  const api = useApi();
  const client = useQueryClient();
  const [params, setParams] = useSearchParams();
  const id = params.get("id") ?? "";
  const target = id === "" ? undefined : { kind, id, buyer: params.get("buyer") ?? "" };
  const place = [api.key, "expressions", "opened", isPromotion(kind) ? "promotion" : kind, target?.buyer, target?.id];
  const existing = useQuery({
    queryKey: place,
    queryFn: () => opened(api, target as Target),
    enabled: target !== undefined,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const open = (next: Target | undefined) =>
    setParams((former) => {
      const order = former.get("order");
      return { ...(order !== null && { order }), ...(next && { id: next.id, ...(next.buyer !== "" && { buyer: next.buyer }) }) };
    });
  const choose = (order: string) =>
    setParams((former) => {
      const found = new URLSearchParams(former);
      found.set("order", order);
      return found;
    });
  const saved = (next: Target) => {
    void client.invalidateQueries({ queryKey: place });
    if (next.id !== id || next.buyer !== target?.buyer) open(next);
  };
  const bench = (item: Item | undefined) => (
    <Workbench
      key={item === undefined ? "new" : String(item.ID)}
      vocabulary={vocabulary}
      kind={kind}
      what={what}
      target={target}
      existing={item}
      subject={params.get("order") ?? ""}
      choose={choose}
      onSaved={saved}
    />
  );
  return (
    <Stack gap="lg">
      <Opening key={id} kind={kind} what={what} target={target} open={open} />
      {target === undefined ? bench(undefined) : <Loaded query={existing}>{(item) => levelOf(item, kind, params) ?? bench(item)}</Loaded>}
    </Stack>
  );
}

/** A promotion of the other level is shown as what it is. */
function levelOf(item: Item, kind: Kind, params: URLSearchParams) {
  if (!isPromotion(kind) || (item.LineItemLevel === true) === (kind === "LineItemPromotion")) return undefined;
  const other = item.LineItemLevel === true ? "lineitems" : "promotion";
  return <Navigate to={`/expressions/${other}?${params}`} replace />;
}
