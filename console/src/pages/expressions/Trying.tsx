import { Button, Group, Paper, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Loaded } from "../../parts/Loaded";
import { ReferencePicker } from "../../parts/ReferencePicker";
import { Tried } from "./Tried";
import type { Kind, Trial } from "./told";

const LISTS = [
  { name: "Carts", list: "/v1/orders/All?IsSubmitted=false&sortBy=!LastUpdated" },
  { name: "Submitted orders", list: "/v1/orders/All?sortBy=!DateSubmitted" },
];

interface Props {
  kind: Kind;
  /** The ID of the order, or of the return; empty: none is chosen. */
  subject: string;
  choose: (subject: string) => void;
  trial: UseQueryResult<Trial>;
  /** Why there is nothing to try yet. */
  waits: string | undefined;
}

/** What the expressions make of an order, as they are typed. */
export function Trying({ kind, subject, choose, trial, waits }: Props) {
  const isReturn = kind === "SellerApprovalRule";
  const [draft, setDraft] = useState(subject);
  const [list, setList] = useState(LISTS[0]?.name ?? "");
  const found = isReturn ? "/v1/orderreturns" : LISTS.find(({ name }) => name === list)?.list;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft.trim() === subject) void trial.refetch();
    else choose(draft.trim());
  };
  return (
    <Paper withBorder p="md">
      <Stack>
        <Title order={2} size="h5">
          Try it
        </Title>
        <form onSubmit={submit}>
          <Group align="flex-end" gap="sm">
            {!isReturn && (
              <SegmentedControl aria-label="What to choose from" data={LISTS.map(({ name }) => name)} value={list} onChange={setList} />
            )}
            <ReferencePicker
              key={list}
              label={isReturn ? "Return ID" : "Order ID"}
              placeholder={isReturn ? "of a return" : "of a cart or an order"}
              list={found}
              value={draft}
              onChange={setDraft}
              onOptionSubmit={choose}
              flex="1 1 12rem"
            />
            <Button type="submit" disabled={draft.trim() === ""}>
              Try
            </Button>
          </Group>
        </form>
        {subject === "" ? (
          <Text size="sm" c="dimmed">
            Choose {isReturn ? "a return" : "a cart or an order"} to see what the expressions make of it, while you write.
          </Text>
        ) : waits !== undefined ? (
          <Text size="sm" c="dimmed">
            {waits}
          </Text>
        ) : (
          <div aria-busy={trial.isFetching}>
            <Loaded query={trial} what="The server computes it">
              {(told) => <Tried trial={told} />}
            </Loaded>
          </div>
        )}
      </Stack>
    </Paper>
  );
}
