import { Box, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { IconArrowLeft } from "@tabler/icons-react";
import type { OrderWorksheet } from "ordercloud-javascript-sdk";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { type Item, type Page, ask } from "../../api/ask";
import { problemOf } from "../../api/problem";
import { type Api, useApi } from "../../api/useApi";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { literal } from "../../parts/listing/filters";
import { Machine } from "./Machine";
import { type Moment, Timeline } from "./Timeline";
import { Totals } from "./Totals";

/** Milliseconds after which what is told of it is asked for again. */
const LIVE = 3_000;
const MOST_REQUESTS = 40;
const SHIPMENT_READERS = ["FullAccess", "OrderAdmin", "ShipmentReader"];

/** An order from its making to its end. Four calls; what came back and what was told of it are three more, when asked for. */
export function OneOrder({ direction, id }: { direction: string; id: string }) {
  const api = useApi();
  const [more, setMore] = useState(false);
  const path = `/v1/orders/${encodeURIComponent(direction)}/${encodeURIComponent(id)}`;
  const worksheet = useQuery({ queryKey: [api.key, path, "worksheet"], queryFn: () => ask<OrderWorksheet>(api, `${path}/worksheet`) });
  const approvals = useMany(`${path}/approvals?pageSize=100`);
  const payments = useMany(`${path}/payments?pageSize=100`);
  const reads = SHIPMENT_READERS.some((role) => api.acting.roles.includes(role));
  // A shopper has those of his own orders.
  const shipments = useMany(reads ? `${path}/shipments?pageSize=100` : `/v1/me/shipments?orderID=${encodeURIComponent(id)}&pageSize=100`);
  const returns = useMany(`/v1/orderreturns?OrderID=${encodeURIComponent(id)}&pageSize=100`, more);
  const deliveries = useQuery({
    queryKey: [api.key, path, "told"],
    queryFn: () => toldOf(api, id),
    enabled: more,
    refetchInterval: LIVE,
  });
  const asked: [string, UseQueryResult<Page>][] = [
    ["approvals", approvals],
    ["payments", payments],
    ["shipments", shipments],
    ["returns", returns],
    ["deliveries", deliveries],
  ];
  const hidden = asked.filter(([, query]) => query.error !== null);
  return (
    <PageFrame
      title={`Order ${id}`}
      actions={
        <Button component={Link} to="/orders" variant="default" size="xs" leftSection={<IconArrowLeft size={14} />}>
          All orders
        </Button>
      }
    >
      <Loaded query={worksheet} what="The order is on its way">
        {(sheet) => (
          <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: "start" }}>
            <Box style={{ gridColumn: "1 / -1" }}>
              <Part title="Where it stands">
                <Machine status={String(sheet.Order?.Status)}>
                  <Facts
                    facts={[
                      ["From", [sheet.Order?.FromUser?.Username, sheet.Order?.FromCompanyID].filter(Boolean).join(" of ")],
                      ["To", sheet.Order?.ToCompanyID],
                      ["Comments", sheet.Order?.Comments],
                      ["Subscription", (sheet.Order as Item | undefined)?.SubscriptionID as string | undefined],
                    ]}
                  />
                </Machine>
              </Part>
            </Box>
            <Part title="What it costs">
              <Totals worksheet={sheet} />
            </Part>
            <Part title="What has happened">
              <Timeline
                moments={[
                  ...momentsOf(sheet),
                  ...items(approvals).flatMap(ofApproval),
                  ...items(payments).map(ofPayment),
                  ...items(shipments).flatMap(ofShipment),
                  ...items(returns).flatMap(ofReturn),
                  ...items(deliveries).map(ofDelivery),
                ]}
              />
              {hidden.map(([name, query]) => (
                <Text key={name} size="sm" c="dimmed">
                  Its {name} are not shown: {problemOf(query.error).title.toLowerCase()}.
                </Text>
              ))}
              <Group>
                {!more && (
                  <Button size="xs" variant="default" onClick={() => setMore(true)}>
                    Show returns, messages and deliveries
                  </Button>
                )}
              </Group>
            </Part>
          </SimpleGrid>
        )}
      </Loaded>
    </PageFrame>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  );
}

/** What its requests have caused, as far as the log of requests goes back: deliveries know orders by no ID of theirs. */
async function toldOf(api: Api, id: string): Promise<Page> {
  const path = `*/${literal(id)}|*/${literal(id)}/*`;
  const requests = await ask<Page>(
    api,
    `/entrepot/v1/requests?Path=${encodeURIComponent(path)}&Method=!GET&sortBy=!DateCreated&pageSize=${MOST_REQUESTS}`,
  );
  const caused = [...new Set(requests.Items.map(({ LogID }) => literal(String(LogID))))];
  if (caused.length === 0) return { ...requests, Items: [] };
  return await ask<Page>(api, `/entrepot/v1/deliveries?LogID=${encodeURIComponent(caused.join("|"))}&pageSize=100`);
}

function useMany(path: string, enabled = true): UseQueryResult<Page> {
  const api = useApi();
  return useQuery({ queryKey: [api.key, path], queryFn: () => ask<Page>(api, path), enabled });
}

function items(query: UseQueryResult<Page>): Item[] {
  return query.data?.Items ?? [];
}

const text = (value: unknown) => (value === null || value === undefined || value === "" ? undefined : String(value));
const date = (value: unknown) => (typeof value === "string" ? value : undefined);

function momentsOf({ Order: order, LineItems: lines = [], OrderPromotions: promotions = [] }: OrderWorksheet): Moment[] {
  return [
    { at: order?.DateCreated, what: "Created" },
    ...lines.map((line) => ({ at: line.DateAdded, what: `${line.Quantity} × ${line.Product?.Name ?? line.ProductID}` })),
    ...promotions.map((each) => ({ at: date((each as Item).DateApplied), what: `Promotion ${each.Code ?? each.ID}` })),
    { at: order?.DateSubmitted, what: "Submitted" },
    { at: order?.DateApproved, what: "Approved" },
    { at: order?.DateDeclined, what: "Declined" },
    { at: order?.DateCompleted, what: "Completed" },
    { at: order?.DateCanceled, what: "Canceled" },
  ];
}

function ofApproval(each: Item): Moment[] {
  const rule = String(each.ApprovalRuleID);
  const approver = text((each.Approver as Item | null | undefined)?.Username);
  return [
    { at: date(each.DateCreated), what: `Approval wanted by ${rule}` },
    { at: date(each.DateCompleted), what: `${String(each.Status)} by ${approver ?? "an approver"}, for ${rule}`, more: text(each.Comments) },
  ];
}

function ofPayment(each: Item): Moment {
  const state = each.Accepted === true ? "accepted" : "not accepted";
  return { at: date(each.DateCreated), what: `Payment by ${String(each.Type)}`, more: `${text(each.Amount) ?? "the whole amount"}, ${state}` };
}

function ofShipment(each: Item): Moment[] {
  const more = [text(each.Shipper), text(each.TrackingNumber)].filter(Boolean).join(", ");
  return [
    { at: date(each.DateShipped), what: `Shipment ${String(each.ID)} left`, more },
    { at: date(each.DateDelivered), what: `Shipment ${String(each.ID)} arrived`, more },
  ];
}

function ofReturn(each: Item): Moment[] {
  const name = `Return ${String(each.ID)}`;
  return [
    { at: date(each.DateCreated), what: `${name} created`, more: text(each.Comments) },
    { at: date(each.DateSubmitted), what: `${name} submitted` },
    { at: date(each.DateApproved), what: `${name} approved` },
    { at: date(each.DateDeclined), what: `${name} declined` },
    { at: date(each.DateCompleted), what: `${name} completed`, more: text(each.RefundAmount) },
    { at: date(each.DateCanceled), what: `${name} canceled` },
  ];
}

function ofDelivery(each: Item): Moment {
  const to = [text(each.Integration), text(each.IntegrationID)].filter(Boolean).join(" ");
  return { at: date(each.DateHappened), what: `${text(each.Type) ?? String(each.Event)} told to ${to}`, more: text(each.Status) };
}
