import { Badge, Button, Code, Group, ScrollArea, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { Copy } from "../../parts/Copy";
import { Json, type Leads } from "../../parts/json/Json";
import type { Answer } from "./request";

interface Props {
  answer: Answer;
  leads: Leads;
}

/** Letters of a text that are drawn as such; the rest is to be saved. */
const MOST_LETTERS = 200_000;

/** Status, time and size, then body or headers. */
export function AnswerView({ answer, leads }: Props) {
  const [shown, setShown] = useState("json");
  const isJson = answer.json !== undefined;
  const choices = [
    ...(isJson ? [{ value: "json", label: "JSON" }] : []),
    { value: "text", label: "Text" },
    { value: "headers", label: `Headers (${answer.headers.length})` },
  ];
  const current = shown === "json" && !isJson ? "text" : shown;
  return (
    <Stack gap="sm">
      <Group gap="sm" role="status" aria-label="Answer">
        <Badge size="lg" radius="sm" variant="light" color={colorOf(answer.status)} tt="none">
          {answer.status}
        </Badge>
        <Text size="sm">{answer.milliseconds.toFixed(0)} ms</Text>
        <Text size="sm" c="dimmed">
          {sizeOf(answer.text.length)}
        </Text>
      </Group>
      <Group gap="xs" justify="space-between">
        <SegmentedControl aria-label="Of the answer" size="xs" data={choices} value={current} onChange={setShown} />
        {answer.text !== "" && (
          <Group gap={4}>
            <Button size="compact-xs" variant="subtle" onClick={() => download(answer)}>
              Save as file
            </Button>
            <Copy text={answer.text} of="the answer" />
          </Group>
        )}
      </Group>
      {current === "headers" && <Headers headers={answer.headers} />}
      {current === "text" &&
        (answer.text === "" ? (
          <Text size="sm" c="dimmed">
            No body
          </Text>
        ) : (
          <ScrollArea.Autosize mah="70vh" viewportProps={{ tabIndex: 0, "aria-label": "Text of the answer", role: "region" }}>
            <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
              {answer.text.slice(0, MOST_LETTERS)}
            </Code>
            {answer.text.length > MOST_LETTERS && <Text size="sm">The rest is in the file.</Text>}
          </ScrollArea.Autosize>
        ))}
      {current === "json" && <Json value={answer.json} leads={leads} />}
    </Stack>
  );
}

function Headers({ headers }: { headers: [string, string][] }) {
  return (
    <Table layout="fixed" fz="xs">
      <Table.Tbody>
        {headers.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" className="any-text" w="40%">
              {name}
            </Table.Th>
            <Table.Td className="any-text">{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function colorOf(status: number): string {
  if (status < 300) return "green";
  return status < 500 ? "orange" : "red";
}

function sizeOf(letters: number): string {
  if (letters < 1000) return `${letters} B`;
  return letters < 1_000_000 ? `${(letters / 1000).toFixed(1)} KB` : `${(letters / 1_000_000).toFixed(1)} MB`;
}

function download(answer: Answer): void {
  const address = URL.createObjectURL(new Blob([answer.text], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = answer.json === undefined ? "answer.txt" : "answer.json";
  link.click();
  URL.revokeObjectURL(address);
}
