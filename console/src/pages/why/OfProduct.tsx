import { Stack } from "@mantine/core";
import { Facts } from "../../parts/Facts";
import { Asking, asked } from "./Asking";
import { Steps } from "./Steps";
import { Verdict } from "./Verdict";
import type { ProductExplanation } from "./explained";

const QUESTIONS = [
  { name: "buyer", label: "Buyer ID", required: true },
  { name: "user", label: "User ID", required: true },
  { name: "product", label: "Product ID", required: true },
  { name: "catalog", label: "Catalog ID" },
  { name: "seller", label: "Seller ID" },
  { name: "quantity", label: "Quantity" },
];

/** Why a user sees a product, or does not, and at which price. */
export function OfProduct() {
  return (
    <Asking<ProductExplanation>
      questions={QUESTIONS}
      path={({ buyer = "", user = "", product = "", catalog, seller, quantity }) => {
        const [b, u, p] = [buyer, user, product].map(encodeURIComponent);
        return asked(`/entrepot/v1/explain/buyers/${b}/users/${u}/products/${p}`, {
          catalogID: catalog,
          sellerID: seller,
          quantity,
        });
      }}
    >
      {(answer) => (
        <Stack>
          <Verdict
            good={answer.Visible}
            title={answer.Visible ? "The user sees it" : "The user does not see it"}
            reason={answer.Reason}
          />
          <Facts
            facts={[
              ["Price schedule", answer.PriceScheduleID ?? "none: it cannot be ordered"],
              ["Unit price", answer.UnitPrice === null ? null : `${answer.UnitPrice} ${answer.Currency ?? ""} for ${answer.Quantity}`],
              ["On sale", answer.IsOnSale ? "yes" : "no"],
              ["Discount", answer.DiscountID && `${answer.DiscountID}, ${answer.DiscountPercent} %`],
              ["Available", answer.QuantityAvailable],
            ]}
          />
          <Steps steps={answer.Steps} />
        </Stack>
      )}
    </Asking>
  );
}
