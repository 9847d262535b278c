// What is being written, and what the server is asked about it.
import { ApprovalRules, Promotions, SellerApprovalRules } from "ordercloud-javascript-sdk";
import type { Item } from "../../api/ask";
import type { Api } from "../../api/useApi";
import type { Kind } from "./told";

export interface Draft {
  EligibleExpression: string;
  ValueExpression: string;
  RuleExpression: string;
  QuantityLimitPerOrder: number | null;
  ItemLimitPerOrder: number | null;
  ItemSortBy: string;
}

/** What holds the expressions, if it is there already. buyer: of an approval rule. */
export interface Target {
  kind: Kind;
  id: string;
  buyer: string;
}

export const KINDS: { kind: Kind; path: string; title: string; what: string }[] = [
  { kind: "OrderPromotion", path: "promotion", title: "Promotion", what: "promotion" },
  { kind: "LineItemPromotion", path: "lineitems", title: "Promotion on line items", what: "promotion" },
  { kind: "ApprovalRule", path: "rule", title: "Approval rule", what: "approval rule" },
  { kind: "SellerApprovalRule", path: "returns", title: "Approval of returns", what: "approval rule" },
];

const LIMITS = ["QuantityLimitPerOrder", "ItemLimitPerOrder", "ItemSortBy"] as const;

export function isPromotion(kind: Kind): boolean {
  return kind.endsWith("Promotion");
}

export function draftOf(item: Item | undefined): Draft {
  const text = (name: string) => (typeof item?.[name] === "string" ? item[name] : "");
  const number = (name: string) => (typeof item?.[name] === "number" ? item[name] : null);
  return {
    EligibleExpression: text("EligibleExpression"),
    ValueExpression: text("ValueExpression"),
    RuleExpression: text("RuleExpression"),
    QuantityLimitPerOrder: number("QuantityLimitPerOrder"),
    ItemLimitPerOrder: number("ItemLimitPerOrder"),
    ItemSortBy: text("ItemSortBy"),
  };
}

/** The properties of the promotion or rule that the draft is about. */
export function valuesOf(kind: Kind, draft: Draft): Item {
  if (!isPromotion(kind)) return { RuleExpression: draft.RuleExpression };
  const { EligibleExpression, ValueExpression } = draft;
  const limits = LIMITS.map((name) => [name, kind === "LineItemPromotion" ? draft[name] || null : null]);
  return { EligibleExpression, ValueExpression, ...(Object.fromEntries(limits) as Item) };
}

export function isBlank(kind: Kind, draft: Draft): boolean {
  const { EligibleExpression, ValueExpression, RuleExpression } = draft;
  return (isPromotion(kind) ? EligibleExpression + ValueExpression : RuleExpression).trim() === "";
}

/** As the SDK shows it. */
export async function opened(api: Api, { kind, id, buyer }: Target): Promise<Item> {
  return (await api.call((options) => {
    if (isPromotion(kind)) return Promotions.Get(id, options);
    return kind === "ApprovalRule" ? ApprovalRules.Get(buyer, id, options) : SellerApprovalRules.Get(id, options);
  })) as Item;
}

export async function changed(api: Api, { kind, id, buyer }: Target, draft: Draft): Promise<void> {
  const values = valuesOf(kind, draft);
  await api.call((options): Promise<unknown> => {
    if (isPromotion(kind)) return Promotions.Patch(id, { ...values, LineItemLevel: kind === "LineItemPromotion" }, options);
    return kind === "ApprovalRule" ? ApprovalRules.Patch(buyer, id, values, options) : SellerApprovalRules.Patch(id, values, options);
  });
}

/** Makes a new one; the ID that it has. */
export async function made(api: Api, kind: Kind, buyer: string, draft: Draft, more: Item): Promise<string> {
  const values = { ...more, ...valuesOf(kind, draft) };
  const item = await api.call((options): Promise<unknown> => {
    if (isPromotion(kind)) return Promotions.Create({ ...values, LineItemLevel: kind === "LineItemPromotion" } as never, options);
    if (kind === "ApprovalRule") return ApprovalRules.Create(buyer, values as never, options);
    return SellerApprovalRules.Create({ ...values, ApprovalType: "OrderReturn" } as never, options);
  });
  return String((item as Item).ID);
}
