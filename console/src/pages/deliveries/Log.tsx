import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { type Item, ask } from "../../api/ask";
import type { Document } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { SentText } from "../../parts/SentText";
import { StatusBadge } from "../../parts/StatusBadge";
import { Trouble } from "../../parts/Trouble";
import { When } from "../../parts/When";
import { LiveList } from "../../parts/listing/LiveList";
import type { Cells } from "../../parts/listing/Rows";

const COLUMNS = ["ID", "Status", "DateCreated", "Event", "Integration", "IntegrationID", "Target", "Attempts", "Aggregate"];

interface Delivery extends Item {
  Request?: { Body?: string | null; IsCut?: boolean };
  Log?: Attempt[];
}

interface Attempt {
  Date: string | null;
  Milliseconds: number;
  HttpStatusCode?: number | null;
  Failure?: string | null;
  Answer?: string | null;
  ReplayedBy?: string | null;
  CancelledBy?: string | null;
}

const CELLS: Cells = { Status: (item) => <StatusBadge of={String(item.Status)} /> };

/** The log of deliveries, live if wanted. */
export function Log({ document }: { document: Document }) {
  return (
    <LiveList
      document={document}
      operation="Deliveries.List"
      missing="This server has no log of deliveries."
      columns={COLUMNS}
      cells={CELLS}
      title="A delivery"
      one={(id) => <One id={id} />}
    />
  );
}

function One({ id }: { id: string }) {
  const api = useApi();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  const path = `/entrepot/v1/deliveries/${encodeURIComponent(id)}`;
  const query = useQuery({ queryKey: [api.key, path], queryFn: () => ask<Delivery>(api, path) });
  const act = async (verb: "replay" | "cancel") => {
    setError(undefined);
    try {
      await ask(api, `${path}/${verb}`, "POST");
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
          <Group gap="xs">
            <Button size="xs" disabled={!each.DateEnded} onClick={() => void act("replay")}>
              Deliver again
            </Button>
            <Button size="xs" variant="default" disabled={Boolean(each.DateEnded)} onClick={() => void act("cancel")}>
              Give up
            </Button>
          </Group>
          <Facts
            facts={[
              ["ID", String(each.ID)],
              ["Status", <StatusBadge key="status" of={String(each.Status)} />],
              ["Event", String(each.Event)],
              ["To", [each.Integration, each.IntegrationID, each.Target].filter(Boolean).join(" / ")],
              ["About", String(each.Aggregate)],
              ["Happened", <When key="told" at={String(each.DateHappened)} />],
              ["Next attempt", each.DateDue ? <When key="due" at={String(each.DateDue)} /> : undefined],
              ["Ended", each.DateEnded ? <When key="ended" at={String(each.DateEnded)} /> : undefined],
              ["Failure", each.Failure as string | null],
              [
                "Caused by",
                <Link key="cause" to={`/logs?id=${encodeURIComponent(String(each.LogID))}`} style={{ color: "var(--mantine-color-anchor)" }}>
                  {String(each.LogID)}
                </Link>,
              ],
            ]}
          />
          <Title order={2} size="h5">
            What is sent
          </Title>
          <SentText text={each.Request?.Body} />
          {each.Request?.IsCut === true && <Text size="sm">It is longer than what is shown.</Text>}
          <Title order={2} size="h5">
            Attempts
          </Title>
          {(each.Log ?? []).length === 0 && <Text size="sm">There was none yet.</Text>}
          {(each.Log ?? []).map((attempt, index) => (
            <Tried key={index} attempt={attempt} />
          ))}
        </Stack>
      )}
    </Loaded>
  );
}

function Tried({ attempt }: { attempt: Attempt }) {
  const by = attempt.ReplayedBy ?? attempt.CancelledBy;
  if (by !== null && by !== undefined) {
    return (
      <Text size="sm">
        {attempt.ReplayedBy !== null && attempt.ReplayedBy !== undefined ? "Delivered again" : "Given up"} by {by || "somebody"}
        {attempt.Date && (
          <>
            , <When at={attempt.Date} />
          </>
        )}
      </Text>
    );
  }
  return (
    <Stack gap={4}>
      <Text size="sm">
        {attempt.Date && <When at={attempt.Date} />} · {attempt.HttpStatusCode ?? "no status"} · {attempt.Milliseconds} ms
        {attempt.Failure && ` · ${attempt.Failure}`}
      </Text>
      {attempt.Answer && <SentText text={attempt.Answer} />}
    </Stack>
  );
}
