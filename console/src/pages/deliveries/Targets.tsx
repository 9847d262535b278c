import { Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Item, ask } from "../../api/ask";
import type { Document } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Trouble } from "../../parts/Trouble";
import { ListView } from "../../parts/listing/ListView";
import { useListing } from "../../parts/listing/useListing";

const COLUMNS = ["ID", "Paused", "Waiting", "Failed", "Failures", "DateOpen"];

/** Where deliveries go, how each stands, and its pause. */
export function Targets({ document }: { document: Document }) {
  const api = useApi();
  const queries = useQueryClient();
  const [listing, change] = useListing(COLUMNS);
  const [error, setError] = useState<unknown>();
  const list = document.operations.get("DeliveryTargets.List");
  if (list === undefined) return <Text>This server knows no targets of deliveries.</Text>;
  const turn = async (item: Item) => {
    setError(undefined);
    try {
      await ask(api, `${list.path}/${encodeURIComponent(String(item.ID))}/${item.Paused === true ? "resume" : "pause"}`, "POST");
      await queries.invalidateQueries({ queryKey: [api.key] });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Stack>
      {error !== undefined && <Trouble error={error} />}
      <ListView
        document={document}
        list={list}
        path={list.path}
        listing={listing}
        change={change}
        cells={{
          Paused: (item) => (
            <Group gap="xs" wrap="nowrap">
              <span>{item.Paused === true ? "yes" : "no"}</span>
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => void turn(item)}
                aria-label={`${item.Paused === true ? "Resume" : "Pause"} ${String(item.ID)}`}
              >
                {item.Paused === true ? "Resume" : "Pause"}
              </Button>
            </Group>
          ),
        }}
      />
    </Stack>
  );
}
