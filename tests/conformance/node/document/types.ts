// Compiled, never run: the types that openapi-typescript makes of the document are what an application needs.
import type { components, operations } from "./schema";

type Schemas = components["schemas"];
type Answer<Id extends keyof operations> = operations[Id] extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Body
  : never;

declare const order: Answer<"Orders.Get">;
declare const page: Answer<"Me.ListProducts">;

// What is answered is an object, also where the same model may be null within another.
export const status: Schemas["OrderStatus"] | undefined = order.Status;
export const prices = page.Items?.map((product) => product.PriceSchedule?.PriceBreaks?.[0].Discounted?.Percent);
export const address: Schemas["Address"] = { AddressName: null, City: "Oslo" };

// What may be null is, and what may not is not.
export const none: Schemas["Order"] = { FromUser: null, BillingAddress: null };
export const unpriced: Schemas["SpecOption"] = { PriceMarkupType: null };
// @ts-expect-error
export const noAddress: Schemas["Address"] = null;
// @ts-expect-error
export const noStatus: Schemas["Order"] = { Status: null };
// @ts-expect-error
export const noDate: Schemas["Order"] = { LastUpdated: null };
// @ts-expect-error
export const noItems: Answer<"Orders.List"> = { Items: [null] };
// @ts-expect-error
export const another: Schemas["OrderDirection"] = "Sideways";
