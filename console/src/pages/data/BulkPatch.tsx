import { Alert, Button, Group, JsonInput, Modal, Progress, Stack, Table, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type Item, ask } from "../../api/ask";
import { problemOf } from "../../api/problem";
import { useApi } from "../../api/useApi";
import { Trouble } from "../../parts/Trouble";
import { pagesOf } from "../../parts/listing/csv";
import { spell, valueAt } from "../../parts/listing/fields";
import { type Thing, filled, parametersIn } from "../../parts/listing/things";
import type { Listing } from "../../parts/listing/useListing";
import { merged } from "./form";

interface Props {
  thing: Thing;
  parents: Record<string, string>;
  /** Those that were chosen; of all that fit, the ones that are seen. */
  items: Item[];
  /** All that fit what the list shows, however many pages. */
  whole?: { listing: Listing; more: Record<string, string>; total: number };
  onClose: () => void;
}

/** Requests at a time: enough to be quick, too few to keep others waiting. */
const AT_ONCE = 4;
const PREVIEWED = 5;
const TOLD = 20;

interface Outcome {
  /** Of how many; that many are known so far while they are looked for. */
  of: number;
  found: number;
  done: number;
  refused: [id: string, why: string][];
}

/** One PATCH for each of some things: what it would change is shown first, then how far it is and what was refused. */
export function BulkPatch({ thing, parents, items, whole, onClose }: Props) {
  const api = useApi();
  const queries = useQueryClient();
  const [text, setText] = useState("{}");
  const [outcome, setOutcome] = useState<Outcome>();
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const patch = objectOf(text);
  const names = leaves(patch);
  const total = whole?.total ?? items.length;

  /** All IDs before the first change, which may take things out of the list or to another place in it. */
  async function idsOf(): Promise<string[]> {
    if (whole === undefined) return items.map(({ ID }) => String(ID));
    const ids = new Set<string>();
    const path = filled(thing.list.path, parents);
    for await (const page of pagesOf({ api, list: thing.list, path, ...whole }, stop.current.signal)) {
      for (const { ID } of page.Items) ids.add(String(ID));
      setOutcome({ of: page.Meta.TotalCount, found: ids.size, done: 0, refused: [] });
    }
    return [...ids];
  }

  async function change(ids: string[]): Promise<void> {
    const far: Outcome = { of: ids.length, found: ids.length, done: 0, refused: [] };
    const parameter = parametersIn(thing.patch?.template ?? "").at(-1) ?? "";
    const waiting = ids.values();
    const one = async () => {
      for (const id of waiting) {
        if (stop.current.signal.aborted) return;
        try {
          await ask(api, filled(thing.patch?.path ?? "", { ...parents, [parameter]: id }), "PATCH", patch);
          far.done += 1;
        } catch (error) {
          const { title, errors } = problemOf(error);
          far.refused.push([id, errors[0]?.Message ?? title]);
        }
        setOutcome({ ...far, refused: [...far.refused] });
      }
    };
    setOutcome(far);
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  async function run(again?: string[]): Promise<void> {
    stop.current = new AbortController();
    setBusy(true);
    setFailure(undefined);
    try {
      await change(again ?? (await idsOf()));
    } catch (error) {
      if (!stop.current.signal.aborted) setFailure(error);
    }
    setBusy(false);
    await queries.invalidateQueries({ queryKey: [api.key] });
  }

  const isOver = outcome !== undefined && !busy;
  return (
    <Modal opened onClose={onClose} title={`Change ${total.toLocaleString()} of ${thing.list.resource}`} size="lg">
      <Stack>
        <JsonInput
          label="What to change"
          description="An object; null empties a value, and objects such as xp are merged."
          value={text}
          onChange={setText}
          error={patch === undefined ? "This is no JSON object." : undefined}
          autosize
          minRows={3}
          disabled={outcome !== undefined}
        />
        {outcome === undefined && names.length > 0 && (
          <>
            {whole !== undefined && (
              <Alert color="orange" title={`All ${total.toLocaleString()} that fit are changed`}>
                Not only those of this page: whatever the list finds with this search and these filters when it begins.
              </Alert>
            )}
            <Preview items={items} names={names} patch={patch ?? {}} total={total} />
          </>
        )}
        {outcome !== undefined && <Far outcome={outcome} busy={busy} />}
        {failure !== undefined && <Trouble error={failure} />}
        <Group>
          {outcome === undefined && (
            <Button onClick={() => void run()} disabled={names.length === 0} loading={busy}>
              {whole === undefined ? "Change them" : `Change all ${total.toLocaleString()}`}
            </Button>
          )}
          {busy && outcome !== undefined && (
            <Button variant="default" onClick={() => stop.current.abort()}>
              Stop
            </Button>
          )}
          {isOver && (
            <Button variant="default" onClick={onClose}>
              Done
            </Button>
          )}
          {isOver && outcome.refused.length > 0 && (
            <Button variant="default" onClick={() => void run(outcome.refused.map(([id]) => id))}>
              Try the {outcome.refused.length.toLocaleString()} refused again
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function Far({ outcome: { of, found, done, refused }, busy }: { outcome: Outcome; busy: boolean }) {
  const ended = done + refused.length;
  const looking = found < of || (busy && ended === 0);
  const left = of - ended;
  return (
    <Stack gap="xs" aria-live="polite">
      <Progress value={(100 * (looking ? found : ended)) / Math.max(1, of)} aria-label="Progress" {...(looking && { color: "gray" })} />
      {looking && busy ? (
        <Text size="sm">
          {found.toLocaleString()} of {of.toLocaleString()} found.
        </Text>
      ) : (
        <Text size="sm">
          {done.toLocaleString()} changed, {refused.length.toLocaleString()} refused, of {of.toLocaleString()}.
          {!busy && left > 0 && ` Stopped: ${left.toLocaleString()} are as they were.`}
        </Text>
      )}
      {refused.slice(0, TOLD).map(([id, why]) => (
        <Text key={id} size="sm" c="red" className="any-text">
          {id}: {why}
        </Text>
      ))}
      {refused.length > TOLD && <Text size="sm">And {(refused.length - TOLD).toLocaleString()} more.</Text>}
    </Stack>
  );
}

interface PreviewProps {
  items: Item[];
  names: string[];
  patch: Item;
  total: number;
}

function Preview({ items, names, patch, total }: PreviewProps) {
  const shown = items.slice(0, PREVIEWED);
  return (
    <Table>
      <Table.Caption>
        {shown.length} of {total.toLocaleString()}, as they would become
      </Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>ID</Table.Th>
          <Table.Th>Property</Table.Th>
          <Table.Th>Now</Table.Th>
          <Table.Th>Then</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {shown.flatMap((item) =>
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
