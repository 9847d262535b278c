import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../api/ask";
import { useApi } from "../../api/useApi";
import { Copy } from "../../parts/Copy";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { SentText } from "../../parts/SentText";
import { StatusBadge } from "../../parts/StatusBadge";
import { Trouble } from "../../parts/Trouble";
import { When } from "../../parts/When";

interface Whole {
  Method: string;
  Path: string;
  Query: string;
  DateCreated: string;
  Size: number;
  Answered: number;
  Headers: { Name: string; Value: string }[];
  Body: string;
  IsCut: boolean;
}

/** A request in full, as it came; what is secret in it is masked by the server. */
export function Caught({ path, onClose }: { path: string; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  const query = useQuery({ queryKey: [api.key, path], queryFn: () => ask<Whole>(api, path) });
  const remove = async () => {
    try {
      await ask(api, path, "DELETE");
      onClose();
      queries.removeQueries({ queryKey: [api.key, path] });
      await queries.invalidateQueries({ queryKey: [api.key] });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Loaded query={query}>
      {(each) => (
        <Stack>
          {error !== undefined && <Trouble error={error} />}
          <Facts
            facts={[
              ["Request", `${each.Method} ${each.Path || "/"}`],
              ["Query", each.Query],
              ["When", <When key="when" at={each.DateCreated} />],
              ["Bytes", each.Size.toLocaleString()],
              ["Answered", <StatusBadge key="answered" of={each.Answered} />],
            ]}
          />
          <Group gap={4}>
            <Title order={2} size="h5">
              Body
            </Title>
            {each.Body !== "" && <Copy text={each.Body} of="the body" />}
          </Group>
          <SentText text={each.Body} />
          {each.IsCut && <Text size="sm">It is longer than what is kept of it.</Text>}
          <Title order={2} size="h5">
            Headers
          </Title>
          <Facts facts={each.Headers.map(({ Name, Value }) => [Name, Value])} />
          <Group>
            <Button size="xs" variant="default" onClick={() => void remove()}>
              Delete it
            </Button>
          </Group>
        </Stack>
      )}
    </Loaded>
  );
}
