import { Box, Button, Group, Paper, ScrollArea, Stack, Table, Text, Title, useComputedColorScheme } from "@mantine/core";
import { IconChartBar, IconTable } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type Drawing, init, optionOf } from "./plots";

interface Props {
  title: string;
  drawing: Drawing;
  /** What the labels are of. */
  of: string;
  /** Figures that sum it up. */
  children?: ReactNode;
  height?: number;
}

/** A plot, and behind it the table of all that it shows. */
export function Plot({ title, drawing, of, children, height = 220 }: Props) {
  const [asTable, setAsTable] = useState(false);
  const isEmpty = drawing.series.every(({ values }) => values.every((value) => value === 0));
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
          <Title order={3} size="h5">
            {title}
          </Title>
          <Button
            size="compact-xs"
            variant="default"
            style={{ flexShrink: 0 }}
            leftSection={asTable ? <IconChartBar size={13} /> : <IconTable size={13} />}
            onClick={() => setAsTable(!asTable)}
            aria-label={`${asTable ? "Plot" : "Table"} of ${title}`}
          >
            {asTable ? "Plot" : "Table"}
          </Button>
        </Group>
        {children}
        {asTable ? (
          <Figures title={title} drawing={drawing} of={of} height={height} />
        ) : isEmpty ? (
          <Group h={96} justify="center">
            <Text size="sm" c="dimmed">
              There is nothing in this time.
            </Text>
          </Group>
        ) : (
          <Drawn title={title} drawing={drawing} height={height} />
        )}
      </Stack>
    </Paper>
  );
}

function Drawn({ title, drawing, height }: { title: string; drawing: Drawing; height: number }) {
  const scheme = useComputedColorScheme("light");
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return undefined;
    const chart = init(place.current, undefined, { renderer: "svg" });
    chart.setOption(optionOf(drawing, scheme));
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [drawing, scheme]);
  const highest = drawing.series.map(({ name, values }) => `${name} up to ${drawing.spell(Math.max(0, ...values))}`);
  return <Box ref={place} h={height} role="img" aria-label={`${title}: ${highest.join(", ")}. The table has each figure.`} />;
}

function Figures({ title, drawing, of, height }: { title: string; drawing: Drawing; of: string; height: number }) {
  const { labels, series, spell } = drawing;
  return (
    <ScrollArea.Autosize mah={height} type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": `Figures of ${title}` }}>
      <Table verticalSpacing={4} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{of}</Table.Th>
            {series.map(({ name }) => (
              <Table.Th key={name} ta="end">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {labels.map((label, row) => (
            <Table.Tr key={`${label} ${row}`}>
              <Table.Td className="any-text">{label}</Table.Td>
              {series.map(({ name, values }) => (
                <Table.Td key={name} ta="end">
                  {spell(values[row] ?? 0)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
