import { Stack } from "@mantine/core";
import { PageFrame } from "../../parts/PageFrame";
import { RangePicker } from "./RangePicker";
import { CartsFigures, OrdersFigures, ProductsFigures } from "./Sales";
import { Section } from "./Section";
import { DeliveriesFigures, TrafficFigures } from "./Serving";
import type { Carts, Deliveries, Orders, Products, Traffic } from "./figures";
import { useRange } from "./useRange";

/** What the marketplace sells, and how it is served, over time (CON-8). Five calls. */
export default function Dashboards() {
  const chosen = useRange();
  return (
    <PageFrame title="Dashboards" about="What this marketplace sells, and how it is served, over time.">
      <RangePicker chosen={chosen} />
      <Stack gap="xl">
        <Section<Orders> title="Orders and revenue" of="orders" chosen={chosen}>
          {(figures) => <OrdersFigures figures={figures} />}
        </Section>
        <Section<Products> title="Products" of="products" chosen={chosen}>
          {(figures) => <ProductsFigures figures={figures} />}
        </Section>
        <Section<Carts> title="Carts" of="carts" chosen={chosen}>
          {(figures) => <CartsFigures figures={figures} />}
        </Section>
        <Section<Traffic> title="Requests" of="traffic" chosen={chosen}>
          {(figures) => <TrafficFigures figures={figures} />}
        </Section>
        <Section<Deliveries> title="Deliveries" of="deliveries" chosen={chosen}>
          {(figures) => <DeliveriesFigures figures={figures} />}
        </Section>
      </Stack>
    </PageFrame>
  );
}
