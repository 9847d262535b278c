import { SimpleGrid, Table, Text, Title } from "@mantine/core";
import { useMemo } from "react";
import { Wide } from "../../parts/Wide";
import { FigureRow } from "./Figure";
import { Plot } from "./Plot";
import { type Deliveries, type Traffic, labels, percent } from "./figures";

const plain = (value: number) => value.toLocaleString();
const time = (value: number) => `${value.toLocaleString(undefined, { maximumFractionDigits: 1 })} ms`;
const SLOWEST = 10;

export function TrafficFigures({ figures }: { figures: Traffic }) {
  const [answers, latency] = useMemo(
    () => [
      {
        kind: "bars" as const,
        labels: labels(figures, figures.Points),
        series: [
          { name: "Done", values: figures.Points.map((each) => each.Requests - each.Refused - each.Failed) },
          { name: "Refused (4xx)", values: figures.Points.map((each) => each.Refused) },
          { name: "Failed (5xx)", values: figures.Points.map((each) => each.Failed) },
        ],
        spell: plain,
      },
      {
        kind: "rows" as const,
        ...slowest(figures),
        spell: time,
      },
    ],
    [figures],
  );
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Plot title="Answers" of="From" drawing={answers} height={260}>
          <FigureRow
            figures={[
              ["Requests", plain(figures.Requests)],
              ["Refused", `${plain(figures.Refused)} (${percent(figures.Refused, figures.Requests)})`],
              ["Failed", `${plain(figures.Failed)} (${percent(figures.Failed, figures.Requests)})`],
            ]}
          />
        </Plot>
        <Plot title="Slowest of the usual operations" of="Operation" drawing={latency} height={310} />
      </SimpleGrid>
      {figures.IsSampled && (
        <Text size="sm" c="dimmed">
          Reads came so fast that the log has a sample of them: all are counted, median and 95 of 100 are estimated from the sample.
        </Text>
      )}
      {figures.Operations.length > 0 && (
        <Rows
          title="By operation"
          heads={["Operation", "Requests", "Refused", "Failed", "Median", "95 of 100 within", "Slowest"]}
          rows={figures.Operations.map((each) => [
            each.Operation,
            plain(each.Requests),
            plain(each.Refused),
            plain(each.Failed),
            time(each.Median),
            time(each.Slow),
            time(each.Slowest),
          ])}
        />
      )}
    </>
  );
}

function slowest({ Operations }: Traffic) {
  const sorted = [...Operations].sort((one, other) => other.Slow - one.Slow).slice(0, SLOWEST);
  return {
    labels: sorted.map(({ Operation }) => Operation),
    series: [{ name: "95 of 100 within, ms", values: sorted.map(({ Slow }) => Slow) }],
  };
}

export function DeliveriesFigures({ figures }: { figures: Deliveries }) {
  const drawing = useMemo(
    () => ({
      kind: "bars" as const,
      labels: labels(figures, figures.Points),
      series: (["Delivered", "Failed", "Waiting", "Cancelled"] as const).map((name) => ({
        name,
        values: figures.Points.map((each) => each[name]),
      })),
      spell: plain,
    }),
    [figures],
  );
  return (
    <>
      <Plot title="Deliveries that were made" of="From" drawing={drawing}>
        <FigureRow
          figures={[
            ["Delivered", plain(figures.Delivered)],
            ["Failed", plain(figures.Failed)],
            ["Waiting", plain(figures.Waiting)],
            ["Cancelled", plain(figures.Cancelled)],
          ]}
        />
      </Plot>
      {figures.Targets.length > 0 && (
        <Rows
          title="By target"
          heads={["To", "Delivered", "Failed", "Waiting", "Cancelled"]}
          rows={figures.Targets.map((each) => [
            [each.Integration, each.IntegrationID, each.Target].filter(Boolean).join(" / "),
            plain(each.Delivered),
            plain(each.Failed),
            plain(each.Waiting),
            plain(each.Cancelled),
          ])}
        />
      )}
    </>
  );
}

function Rows({ title, heads, rows }: { title: string; heads: string[]; rows: string[][] }) {
  return (
    <>
      <Title order={3} size="h5">
        {title}
      </Title>
      <Wide label={title}>
        <Table verticalSpacing={4} withTableBorder>
          <Table.Thead>
            <Table.Tr>
              {heads.map((head, column) => (
                <Table.Th key={head} ta={column === 0 ? "start" : "end"} style={{ whiteSpace: "nowrap" }}>
                  {head}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row[0]}>
                {row.map((value, column) => (
                  <Table.Td key={heads[column]} ta={column === 0 ? "start" : "end"} style={{ whiteSpace: "nowrap" }} dir="auto">
                    {value}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </>
  );
}
