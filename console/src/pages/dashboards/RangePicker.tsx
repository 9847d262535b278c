import { Button, Group, SegmentedControl, TextInput } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { type Chosen, RANGES, type Range } from "./useRange";

/** The span of time: up to now, or of one's own. */
export function RangePicker({ chosen }: { chosen: Chosen }) {
  return (
    <Group gap="sm" align="flex-end">
      <SegmentedControl
        aria-label="Time range"
        size="xs"
        value={chosen.range}
        onChange={(range) => chosen.choose(range as Range)}
        data={Object.entries(RANGES).map(([value, label]) => ({ value, label }))}
      />
      {chosen.range === "own" && <Own key={chosen.query} chosen={chosen} />}
      <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={chosen.again}>
        Ask again
      </Button>
    </Group>
  );
}

function Own({ chosen }: { chosen: Chosen }) {
  const [from, setFrom] = useState(local(chosen.from));
  const [to, setTo] = useState(local(chosen.to));
  const wrong = from !== "" && to !== "" && new Date(from) >= new Date(to);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        chosen.choose("own", new Date(from).toISOString(), new Date(to).toISOString());
      }}
    >
      <Group gap="xs" align="flex-end">
        <TextInput size="xs" type="datetime-local" label="From" value={from} onChange={(event) => setFrom(event.currentTarget.value)} required />
        <TextInput
          size="xs"
          type="datetime-local"
          label="To"
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          error={wrong && "It ends before it begins."}
          required
        />
        <Button size="xs" type="submit" disabled={wrong || from === "" || to === ""}>
          Show
        </Button>
      </Group>
    </form>
  );
}

/** As the field has it: the browser's own time, to the minute. */
function local(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
