import { Button, Group, JsonInput, Modal, Progress, Stack, Table, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { type Item, ask } from "../../api/ask";
import { problemOf } from "../../api/problem";
import { useApi } from "../../api/useApi";
import { spell, valueAt } from "../../parts/listing/fields";
import { type Thing, filled, parametersIn } from "../../parts/listing/things";
import { merged } from "./form";

interface Props {
  thing: Thing;
  parents: Record<string, string>;
  items: Item[];
  onClose: () => void;
}

/** Requests at a time: enough to be quick, too few to keep others waiting. */
const AT_ONCE = 4;
const PREVIEWED = 5;

interface Outcome {
  done: number;
  refused: [id: string, why: string][];
}

/** One PATCH for each of the chosen: what it would change is shown first, then how far it is and what was refused. */
export function BulkPatch({ thing, parents, items, onClose }: Props) {
  const api = useApi();
  const queries = useQueryClient();
  const [text, setText] = useState("{}");
  const [outcome, setOutcome] = useState<Outcome>();
  const [busy, setBusy] = useState(false);
  const stopped = useRef(false);
  const patch = objectOf(text);
  const names = leaves(patch);
  const run = async () => {
    if (patch === undefined || thing.patch === undefined) return;
    stopped.current = false;
    setBusy(true);
    const waiting = [...items];
    const found: Outcome = { done: 0, refused: [] };
    const parameter = parametersIn(thing.patch.template).at(-1) ?? "";
    const one = async () => {
      for (let item = waiting.shift(); item !== undefined && !stopped.current; item = waiting.shift()) {
        const id = String(item.ID);
        try {
          await ask(api, filled(thing.patch?.path ?? "", { ...parents, [parameter]: id }), "PATCH", patch);
          found.done += 1;
        } catch (error) {
          const { title, errors } = problemOf(error);
          found.refused.push([id, errors[0]?.Message ?? title]);
        }
        setOutcome({ ...found, refused: [...found.refused] });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    setBusy(false);
    await queries.invalidateQueries({ queryKey: [api.key] });
  };
  const close = () => {
    stopped.current = true;
    onClose();
  };
  return (
    <Modal opened onClose={close} title={`Change ${items.length} of ${thing.list.resource}`} size="lg">
      <Stack>
        <JsonInput
          label="What to change"
          description="An object; null takes a value away, and objects such as xp are merged."
          value={text}
          onChange={setText}
          error={patch === undefined ? "This is no JSON object." : undefined}
          autosize
          minRows={3}
          disabled={busy}
        />
        {outcome === undefined ? (
          names.length > 0 && <Preview items={items} names={names} patch={patch ?? {}} />
        ) : (
          <Stack gap="xs" aria-live="polite">
            <Progress value={(100 * (outcome.done + outcome.refused.length)) / items.length} aria-label="Progress" />
            <Text size="sm">
              {outcome.done} changed, {outcome.refused.length} refused, of {items.length}.
            </Text>
            {outcome.refused.slice(0, 20).map(([id, why]) => (
              <Text key={id} size="sm" c="red" className="any-text">
                {id}: {why}
              </Text>
            ))}
          </Stack>
        )}
        <Group>
          {outcome === undefined ? (
            <Button onClick={() => void run()} disabled={names.length === 0} loading={busy}>
              Change them
            </Button>
          ) : (
            <Button variant="default" onClick={close}>
              {busy ? "Stop" : "Done"}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function Preview({ items, names, patch }: { items: Item[]; names: string[]; patch: Item }) {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>ID</Table.Th>
          <Table.Th>Property</Table.Th>
          <Table.Th>Now</Table.Th>
          <Table.Th>Then</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.slice(0, PREVIEWED).flatMap((item) =>
          names.map((name) => (
            <Table.Tr key={`${String(item.ID)} ${name}`}>
              <Table.Td className="any-text">{String(item.ID)}</Table.Td>
              <Table.Td>{name}</Table.Td>
              <Table.Td className="any-text">{spell(valueAt(item, name)).slice(0, 100)}</Table.Td>
              <Table.Td className="any-text">{spell(valueAt(merged(item, patch), name)).slice(0, 100)}</Table.Td>
            </Table.Tr>
          )),
        )}
      </Table.Tbody>
    </Table>
  );
}

/** The names of whatever a patch sets, with dots before those within objects. */
function leaves(patch: Item | undefined, above = ""): string[] {
  return Object.entries(patch ?? {}).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? leaves(value as Item, `${above}${name}.`) : [`${above}${name}`],
  );
}

function objectOf(text: string): Item | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Item) : undefined;
  } catch {
    return undefined;
  }
}
