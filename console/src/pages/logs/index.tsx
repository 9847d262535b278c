import { Anchor, Badge, Checkbox, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { type Item, ask } from "../../api/ask";
import { type Document, useDocument } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Copy } from "../../parts/Copy";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { When } from "../../parts/When";
import { ListView } from "../../parts/listing/ListView";
import { useListing } from "../../parts/listing/useListing";
import { claimsOf } from "../../session/claims";

const COLUMNS = ["LogID", "DateCreated", "Operation", "Status", "Milliseconds", "ErrorCode", "Username", "Path"];
const LIVE = 2_000;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface Trace {
  LogID: string;
  Requests: Item[];
  Deliveries: Item[];
  Messages: Item[];
}

/** The requests of the last hours, and from an X-Request-ID everything about it (CON-9). */
export default function Logs() {
  const document = useDocument();
  return (
    <PageFrame title="Logs" about="What was asked in this marketplace during the last hours, by whom, and how it ended.">
      <Loaded query={document} what="The document is on its way">
        {(known) => <Requests document={known} />}
      </Loaded>
    </PageFrame>
  );
}

function Requests({ document }: { document: Document }) {
  const [params, setParams] = useSearchParams();
  const [listing, change] = useListing(COLUMNS, { sort: "!DateCreated", size: 50 });
  const [live, setLive] = useState(false);
  const list = document.operations.get("Requests.List");
  if (list === undefined) return <Text>This server keeps no log of requests.</Text>;
  const show = (id: string | undefined) =>
    setParams((former) => {
      const next = new URLSearchParams(former);
      if (id === undefined) next.delete("id");
      else next.set("id", id);
      return next;
    });
  const failed = listing.filters.some(({ field }) => field === "Status");
  return (
    <>
      <ListView
        document={document}
        list={list}
        path={list.path}
        listing={listing}
        change={change}
        every={live ? LIVE : undefined}
        onOpen={(item) => show(String(item.LogID))}
        cells={{ Status: (item) => <Status code={Number(item.Status)} />, Username: (item) => <Who of={item} /> }}
        actions={
          <Group gap="md">
            <Checkbox
              size="xs"
              label="Refused only"
              checked={failed}
              onChange={(event) =>
                change({
                  filters: event.currentTarget.checked
                    ? [...listing.filters, { field: "Status", operator: "ge", value: "400" }]
                    : listing.filters.filter(({ field }) => field !== "Status"),
                })
              }
            />
            <Checkbox size="xs" label="Live" checked={live} onChange={(event) => setLive(event.currentTarget.checked)} />
          </Group>
        }
      />
      <Drawer opened={params.has("id")} onClose={() => show(undefined)} position="right" size="lg" title="Everything about a request">
        {params.has("id") && <About id={params.get("id") ?? ""} />}
      </Drawer>
    </>
  );
}

function Status({ code }: { code: number }) {
  const color = code >= 500 ? "red" : code >= 400 ? "orange" : "teal";
  return (
    <Badge variant="outline" color={`${color}.9`} radius="sm" c="var(--mantine-color-text)">
      {code}
    </Badge>
  );
}

/**
 * Whose name it is. An account of the portal is nobody in the marketplace but a GUID (PORT-13): whose it is, the marketplace is not
 * told; of oneself the console knows it.
 */
function Who({ of: { UserID, Username } }: { of: Item }) {
  const { acting } = useApi();
  if (typeof Username !== "string") return <>–</>;
  if (Username !== UserID || !GUID.test(Username)) return <span dir="auto">{Username}</span>;
  if (claimsOf(acting.token).usr === Username) return <span dir="auto">{acting.username} (portal account)</span>;
  return <>owner (portal account)</>;
}

function About({ id }: { id: string }) {
  const api = useApi();
  const trace = useQuery({
    queryKey: [api.key, "trace", id],
    queryFn: () => ask<Trace>(api, `/entrepot/v1/requests/${encodeURIComponent(id)}`),
  });
  return (
    <Loaded query={trace}>
      {({ LogID, Requests: requests, Deliveries, Messages }) => (
        <Stack>
          <Group gap="xs">
            <Text size="sm" className="any-text">
              {LogID}
            </Text>
            <Copy text={LogID} of="the ID of the request" />
          </Group>
          {requests.map((each) => (
            <Facts
              key={String(each.ID)}
              facts={[
                ["When", <When key="when" at={String(each.DateCreated)} />],
                ["Operation", String(each.Operation)],
                ["Request", `${String(each.Method)} ${String(each.Path)}`],
                ["Status", <Status key="status" code={Number(each.Status)} />],
                ["Took", `${String(each.Milliseconds)} ms`],
                ["Error", each.ErrorCode as string | null],
                ["User", <Who key="user" of={each} />],
                ["User ID", each.UserID as string | null],
                ["Kind of user", each.UserType as string | null],
                ["Company", each.CompanyID as string | null],
                ["API client", each.ClientID as string | null],
              ]}
            />
          ))}
          <Title order={2} size="h5">
            Deliveries
          </Title>
          {Deliveries.length === 0 && <Text size="sm">It caused none.</Text>}
          {Deliveries.map((each) => (
            <Anchor key={String(each.ID)} component={Link} to={`/deliveries?id=${encodeURIComponent(String(each.ID))}`} size="sm">
              {String(each.Event)} to {String(each.Integration)} {String(each.IntegrationID ?? "")}: {String(each.Status)}
            </Anchor>
          ))}
          <Title order={2} size="h5">
            Messages in the mailbox
          </Title>
          {Messages.length === 0 && <Text size="sm">There is none.</Text>}
          {Messages.map((each) => (
            <Anchor key={String(each.ID)} component={Link} to={`/deliveries/mailbox?id=${encodeURIComponent(String(each.ID))}`} size="sm">
              {String(each.Subject)} for {String(each.Recipient)}
            </Anchor>
          ))}
        </Stack>
      )}
    </Loaded>
  );
}
