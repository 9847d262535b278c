import { Select, SimpleGrid, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { FigureRow } from "./Figure";
import { Plot } from "./Plot";
import { type Carts, type Orders, type Products, type Series, labels, money, percent } from "./figures";

const plain = (value: number) => value.toLocaleString();
const nameOf = (currency: string | null) => currency ?? "No currency";

/** Orders and revenue, a currency at a time: amounts of several are never added. */
export function OrdersFigures({ figures }: { figures: Orders }) {
  const [wanted, setWanted] = useState<string>();
  const shown = figures.Series.find(({ Currency }) => nameOf(Currency) === wanted) ?? figures.Series[0];
  if (shown === undefined) return <Text size="sm">No order was submitted in this time.</Text>;
  return (
    <>
      {figures.Series.length > 1 && (
        <Select
          label="Currency"
          size="xs"
          w={160}
          allowDeselect={false}
          data={figures.Series.map(({ Currency }) => nameOf(Currency))}
          value={nameOf(shown.Currency)}
          onChange={(next) => setWanted(next ?? undefined)}
        />
      )}
      <OneCurrency figures={figures} series={shown} />
    </>
  );
}

function OneCurrency({ figures, series }: { figures: Orders; series: Series }) {
  const { Currency, Orders: orders, Revenue, Canceled, Points } = series;
  const [revenue, counts] = useMemo(() => {
    const at = labels(figures, Points);
    return [
      {
        kind: "bars" as const,
        labels: at,
        series: [{ name: `Revenue, ${nameOf(Currency)}`, values: Points.map((each) => each.Revenue) }],
        spell: (value: number) => money(value, Currency),
      },
      { kind: "bars" as const, labels: at, series: [{ name: "Orders", values: Points.map((each) => each.Orders) }], spell: plain },
    ];
  }, [figures, Points, Currency]);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Plot title="Revenue" of="From" drawing={revenue}>
        <FigureRow
          figures={[
            ["Revenue", money(Revenue, Currency)],
            ["Per order", orders === 0 ? "–" : money(Revenue / orders, Currency)],
          ]}
        />
      </Plot>
      <Plot title="Orders" of="From" drawing={counts}>
        <FigureRow
          figures={[
            ["Orders", plain(orders)],
            ["Canceled beside them", plain(Canceled)],
          ]}
        />
      </Plot>
    </SimpleGrid>
  );
}

export function ProductsFigures({ figures }: { figures: Products }) {
  const currencies = [...new Set(figures.Products.map(({ Currency }) => Currency))];
  if (currencies.length === 0) return <Text size="sm">Nothing was sold in this time.</Text>;
  return (
    <SimpleGrid cols={{ base: 1, md: currencies.length > 1 ? 2 : 1 }}>
      {currencies.slice(0, 4).map((currency) => (
        <TopProducts
          key={nameOf(currency)}
          title={currencies.length === 1 && currency === null ? "Top products" : `Top products, ${nameOf(currency)}`}
          figures={figures}
          currency={currency}
        />
      ))}
    </SimpleGrid>
  );
}

function TopProducts({ title, figures, currency }: { title: string; figures: Products; currency: string | null }) {
  const drawing = useMemo(() => {
    const mine = figures.Products.filter(({ Currency }) => Currency === currency);
    return {
      kind: "rows" as const,
      labels: mine.map(({ Name, ProductID }) => (Name ?? ProductID).slice(0, 60)),
      series: [{ name: `Revenue, ${nameOf(currency)}`, values: mine.map(({ Revenue }) => Revenue) }],
      spell: (value: number) => money(value, currency),
    };
  }, [figures, currency]);
  return <Plot title={title} of="Product" drawing={drawing} height={60 + 26 * drawing.labels.length} />;
}

export function CartsFigures({ figures }: { figures: Carts }) {
  const drawing = useMemo(
    () => ({
      kind: "lines" as const,
      labels: labels(figures, figures.Points),
      series: [
        { name: "Begun", values: figures.Points.map((each) => each.Begun) },
        { name: "With lines", values: figures.Points.map((each) => each.Filled) },
        { name: "Submitted since", values: figures.Points.map((each) => each.Submitted) },
      ],
      spell: plain,
    }),
    [figures],
  );
  return (
    <Plot title="Carts that were begun" of="From" drawing={drawing}>
      <FigureRow
        figures={[
          ["Begun", plain(figures.Begun)],
          ["With lines", `${plain(figures.Filled)} (${percent(figures.Filled, figures.Begun)})`],
          ["Submitted", `${plain(figures.Submitted)} (${percent(figures.Submitted, figures.Begun)})`],
        ]}
      />
    </Plot>
  );
}
