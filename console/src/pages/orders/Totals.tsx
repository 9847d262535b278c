import { Stack, Table, Text, Title } from "@mantine/core";
import type { OrderWorksheet } from "ordercloud-javascript-sdk";
import { Wide } from "../../parts/Wide";
import classes from "./Machine.module.css";
import { exact, shown } from "./money";

type Row = [name: string, amount: number];

/** The total taken apart: each line, then what the order adds and takes away, and whether it comes out to the cent. */
export function Totals({ worksheet }: { worksheet: OrderWorksheet }) {
  const { Order: order, LineItems: lines = [], OrderPromotions: promotions = [] } = worksheet;
  if (order === undefined) return null;
  const money = (amount: number) => shown(amount, order.Currency);
  const ofLines = lines.reduce((sum, line) => sum + exact(line.LineSubtotal), 0);
  const rows: Row[] = [
    ["Subtotal, the sum of the lines", exact(order.Subtotal)],
    ["Shipping", exact(order.ShippingCost)],
    ["Tax", exact(order.TaxCost)],
    ["Gratuity", exact((order as { Gratuity?: number | null }).Gratuity)],
    ["Fees", exact((order as { Fees?: number | null }).Fees)],
    ["Discounts by quantity", -exact((order as { BaseDiscount?: number | null }).BaseDiscount)],
    ["Promotions", -exact(order.PromotionDiscount)],
  ];
  const sum = rows.reduce((total, [, amount]) => total + amount, 0);
  const fits = sum === exact(order.Total) && ofLines === exact(order.Subtotal);
  return (
    <Stack gap="sm">
      <Wide label="Lines">
        <Table horizontalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th miw={110}>Product</Table.Th>
              <Table.Th className={classes.amount}>Quantity</Table.Th>
              <Table.Th className={classes.amount}>Price</Table.Th>
              <Table.Th className={classes.amount}>Subtotal</Table.Th>
              <Table.Th className={classes.amount}>Discounts</Table.Th>
              <Table.Th className={classes.amount}>Total</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={line.ID}>
                <Table.Td className="any-text" dir="auto">
                  {line.Product?.Name ?? line.ProductID}
                </Table.Td>
                <Table.Td className={classes.amount}>{line.Quantity}</Table.Td>
                <Table.Td className={classes.amount}>{money(exact(line.UnitPrice))}</Table.Td>
                <Table.Td className={classes.amount}>{money(exact(line.LineSubtotal))}</Table.Td>
                <Table.Td className={classes.amount}>{money(exact(line.LineTotal) - exact(line.LineSubtotal))}</Table.Td>
                <Table.Td className={classes.amount}>{money(exact(line.LineTotal))}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      <Table horizontalSpacing={6}>
        <Table.Tbody>
          {rows
            .filter(([, amount], index) => index === 0 || amount !== 0)
            .map(([name, amount]) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td className={classes.amount}>{money(amount)}</Table.Td>
              </Table.Tr>
            ))}
          <Table.Tr fw={650}>
            <Table.Td>Total</Table.Td>
            <Table.Td className={classes.amount}>{money(exact(order.Total))}</Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Text size="sm">{fits ? "It comes out to the cent." : `The parts add up to ${money(sum)}, the lines to ${money(ofLines)}.`}</Text>
      {promotions.length > 0 && (
        <>
          <Title order={3} size="h6">
            Promotions
          </Title>
          <Table horizontalSpacing={6}>
            <Table.Tbody>
              {promotions.map((promotion) => (
                <Table.Tr key={`${promotion.ID} ${promotion.LineItemID ?? ""}`}>
                  <Table.Td className="any-text">
                    {promotion.Code ?? promotion.ID}
                    {promotion.LineItemID && `, line ${promotion.LineItemID}`}
                  </Table.Td>
                  <Table.Td className={classes.amount}>{money(-exact(promotion.Amount))}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
    </Stack>
  );
}
