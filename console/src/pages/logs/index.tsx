import { Anchor, Badge, Checkbox, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { type Item, ask } from "../../api/ask";
import { type Document, useDocument } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Copy } from "../../parts/Copy";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { StatusBadge } from "../../parts/StatusBadge";
import { When } from "../../parts/When";
import { LiveList } from "../../parts/listing/LiveList";
import type { Cells } from "../../parts/listing/Rows";
import type { Change, Listing } from "../../parts/listing/useListing";
import { claimsOf } from "../../session/claims";

const COLUMNS = ["LogID", "Status", "Operation", "DateCreated", "Milliseconds", "ErrorCode", "Username", "Path"];
const CELLS: Cells = {
  Status: (item) => <StatusBadge of={Number(item.Status)} />,
  Operation: (item) => <Asked of={item} />,
  Milliseconds: (item) => Number(item.Milliseconds).toFixed(2),
  Username: (item) => <Who of={item} />,
};
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
  return (
    <LiveList
      document={document}
      operation="Requests.List"
      missing="This server keeps no log of requests."
      columns={COLUMNS}
      size={50}
      by="LogID"
      cells={CELLS}
      actions={(listing, change) => <RefusedOnly listing={listing} change={change} />}
      title="Everything about a request"
      one={(id) => <About id={id} />}
    />
  );
}

/** The operation, and how many reads of it the row stands for where they came too fast for a row each. */
function Asked({ of: { Operation, Count } }: { of: Item }) {
  const many = Number(Count);
  if (!(many > 1)) return <>{String(Operation)}</>;
  return (
    <Group gap={6} wrap="nowrap">
      {String(Operation)}
      <Badge size="sm" variant="default" tt="none" miw="max-content" title={standsFor(many)}>
        × {many.toLocaleString()}
      </Badge>
    </Group>
  );
}

function standsFor(many: number): string {
  return `stands for ${many.toLocaleString()} reads, which came too fast for a row each`;
}

function RefusedOnly({ listing, change }: { listing: Listing; change: Change }) {
  const others = listing.filters.filter(({ field }) => field !== "Status");
  return (
    <Checkbox
      size="xs"
      label="Refused only"
      checked={others.length < listing.filters.length}
      onChange={(event) =>
        change({ filters: event.currentTarget.checked ? [...others, { field: "Status", operator: "ge", value: "400" }] : others })
      }
    />
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
                ["When", <When key="when" at={String(each.DateCreated)} seconds />],
                ["Operation", String(each.Operation)],
                ["Request", `${String(each.Method)} ${String(each.Path)}`],
                ["Status", <StatusBadge key="status" of={Number(each.Status)} />],
                ["Took", `${Number(each.Milliseconds).toFixed(2)} ms`],
                ["A sample", Number(each.Count) > 1 ? `It ${standsFor(Number(each.Count))}` : null],
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
