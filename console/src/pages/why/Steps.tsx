import { Badge, Button, Code, Group, List, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../api/useApi";
import { Loaded } from "../../parts/Loaded";
import { Sign } from "./Sign";
import type { ExplainedRow, ExplainedStep } from "./explained";

const COLOURS = { Passed: "green", Failed: "red", Noted: "gray" };

/** The steps of a decision: what decides stands out. */
export function Steps({ steps }: { steps: ExplainedStep[] }) {
  return (
    <Stack gap="xs" component="ol" p={0} m={0} style={{ listStyle: "none" }}>
      {steps.map((step) => (
        <Paper key={step.Step} component="li" withBorder p="sm">
          <Group gap="xs" wrap="wrap">
            <Text fw={600} size="sm">
              {step.Step}
            </Text>
            <Sign color={COLOURS[step.Outcome]}>{step.Outcome}</Sign>
            {step.Decides && <Badge radius="sm" tt="none">decides</Badge>}
            <Text size="sm" className="any-text">
              {step.Message}
            </Text>
          </Group>
          {step.Rows.length > 0 && (
            <List size="sm" mt="xs" spacing={4}>
              {step.Rows.map((row, index) => (
                <List.Item key={index}>
                  <Row row={row} />
                </List.Item>
              ))}
            </List>
          )}
          {step.More > 0 && (
            <Text size="xs" c="dimmed" mt={4}>
              and {step.More} more
            </Text>
          )}
        </Paper>
      ))}
    </Stack>
  );
}

function Row({ row }: { row: ExplainedRow }) {
  const [isShown, setShown] = useState(false);
  return (
    <>
      <Text span size="sm" fw={row.Decides ? 600 : 400} className="any-text">
        {row.Type} <Code>{row.ID}</Code> {row.Says}
      </Text>
      {row.Path !== null && (
        <Button
          size="compact-xs"
          variant="subtle"
          ml="xs"
          aria-expanded={isShown}
          aria-label={`Show ${row.Type} ${row.ID} by ${row.Operation ?? ""}`}
          onClick={() => setShown(!isShown)}
        >
          {row.Operation}
        </Button>
      )}
      {isShown && row.Path !== null && <Shown path={row.Path} />}
    </>
  );
}

/** What shows the row, as it is now. */
function Shown({ path }: { path: string }) {
  const { key, send } = useApi();
  const found = useQuery({
    queryKey: [key, "why row", path],
    queryFn: async () => JSON.stringify(await (await send(path)).json(), null, 2),
  });
  return (
    <Loaded query={found}>
      {(text) => (
        <Code block mt={4} mah={320} style={{ overflow: "auto" }} tabIndex={0} aria-label={`GET ${path}`} role="region">
          {text.slice(0, 20_000)}
        </Code>
      )}
    </Loaded>
  );
}
