import { Accordion, Badge, Code, Group, Stack, Text } from "@mantine/core";
import { Facts } from "../../parts/Facts";
import { Asking, asked } from "./Asking";
import { Clauses, Values } from "./Clauses";
import { Sign } from "./Sign";
import { Steps } from "./Steps";
import type { ExplainedPromotion, PromotionsExplanation } from "./explained";

const QUESTIONS = [
  { name: "order", label: "Order ID", required: true, placeholder: "of an order or a cart" },
  { name: "promotion", label: "Promotion ID" },
];

/** Why an order has these promotions and not those. */
export function OfPromotions() {
  return (
    <Asking<PromotionsExplanation>
      questions={QUESTIONS}
      path={({ order = "", promotion }) =>
        asked(`/entrepot/v1/explain/orders/${encodeURIComponent(order)}/promotions`, { promotionID: promotion })
      }
    >
      {(answer) => (
        <Stack>
          <Facts
            facts={[
              ["Status", answer.Status],
              ["Of user", answer.FromUserID],
              ["Subtotal", answer.Subtotal],
              ["Promotions take off", answer.PromotionDiscount],
              ["Total", answer.Total],
            ]}
          />
          {answer.Promotions.length === 0 ? (
            <Text>No promotion reaches the user of this order.</Text>
          ) : (
            <Accordion variant="separated" order={2} defaultValue={answer.Promotions[0]?.ID ?? null}>
              {answer.Promotions.map((each) => (
                <Accordion.Item key={each.ID} value={each.ID}>
                  <Accordion.Control>
                    <Title promotion={each} />
                  </Accordion.Control>
                  <Accordion.Panel>
                    <Told promotion={each} />
                  </Accordion.Panel>
                </Accordion.Item>
              ))}
            </Accordion>
          )}
        </Stack>
      )}
    </Asking>
  );
}

function Title({ promotion }: { promotion: ExplainedPromotion }) {
  const { ID, Code: code, IsApplied, Position, ErrorCode, Amount } = promotion;
  return (
    <Group gap="xs">
      <Text span fw={600} className="any-text">
        {ID}
      </Text>
      {code !== null && code !== ID && <Code>{code}</Code>}
      {IsApplied && <Badge radius="sm" tt="none">on the order, number {Position}</Badge>}
      {ErrorCode !== null ? (
        <Sign color="red">{ErrorCode}</Sign>
      ) : (
        <Sign color="green">{Amount} off</Sign>
      )}
    </Group>
  );
}

function Told({ promotion }: { promotion: ExplainedPromotion }) {
  return (
    <Stack>
      <Text size="sm">{promotion.Reason}</Text>
      <Text size="sm">
        Eligible where <Code>{promotion.EligibleExpression}</Code>
      </Text>
      <Clauses clauses={promotion.Eligible} />
      {promotion.ValueExpression !== null && (
        <Text size="sm">
          Takes off <Code>{promotion.ValueExpression}</Code> <Values values={promotion.Value} />
        </Text>
      )}
      <Steps steps={promotion.Steps} />
    </Stack>
  );
}
