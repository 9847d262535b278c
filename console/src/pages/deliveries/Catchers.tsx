import { Alert, Button, Group, Select, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { type Page, ask } from "../../api/ask";
import type { Document } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Copy } from "../../parts/Copy";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { StatusBadge } from "../../parts/StatusBadge";
import { Trouble } from "../../parts/Trouble";
import { LiveList } from "../../parts/listing/LiveList";
import type { Cells } from "../../parts/listing/Rows";
import { Caught } from "./Caught";
import { MakeCatcher } from "./MakeCatcher";
import { PointWebhook } from "./PointWebhook";
import { CATCHERS, type Catcher, pathOf } from "./catcher";

const COLUMNS = ["ID", "Method", "Path", "DateCreated", "Size", "ContentType", "Answered"];
const CELLS: Cells = {
  Answered: (item) => <StatusBadge of={Number(item.Answered)} />,
  Path: (item) => <>{item.Path === "" ? "/" : String(item.Path)}</>,
};

/** Addresses of this server that show what is sent to them: one of them, live. */
export function Catchers({ document }: { document: Document }) {
  const api = useApi();
  const [params, setParams] = useSearchParams();
  const [making, { open, close }] = useDisclosure();
  const path = `${CATCHERS}?sortBy=!DateCreated&pageSize=100`;
  const query = useQuery({
    queryKey: [api.key, CATCHERS],
    queryFn: () => ask<Page<Catcher>>(api, path),
    enabled: document.operations.has("Catchers.List"),
  });
  if (!document.operations.has("Catchers.List")) return <Text>This server has no catchers.</Text>;
  const choose = (id: string) => setParams(new URLSearchParams({ catcher: id }));
  return (
    <Loaded query={query}>
      {({ Items }) => {
        const shown = Items.find(({ ID }) => ID === params.get("catcher")) ?? Items[0];
        return (
          <Stack>
            {shown === undefined ? (
              <Alert color="gray" title="Nothing is caught yet">
                <Stack align="flex-start" gap="sm">
                  <Text size="sm">
                    A catcher is an address of this server. Point a webhook, a message sender or a delivery at it, and see here what is sent: with
                    headers, body and the answer of your choice.
                  </Text>
                  <Button size="xs" onClick={open}>
                    Make a catcher
                  </Button>
                </Stack>
              </Alert>
            ) : (
              <>
                <Group align="flex-end" gap="xs">
                  <Select
                    label="Catcher"
                    size="xs"
                    w={380}
                    maw="100%"
                    allowDeselect={false}
                    data={Items.map((each) => ({ value: each.ID, label: each.Name ? `${each.Name} (${each.ID})` : each.ID }))}
                    value={shown.ID}
                    onChange={(id) => id !== null && choose(id)}
                  />
                  <Button size="xs" variant="default" onClick={open}>
                    Make a catcher
                  </Button>
                </Group>
                <One key={shown.ID} document={document} catcher={shown} />
              </>
            )}
            <MakeCatcher opened={making} onClose={close} onMade={(made) => choose(made.ID)} />
          </Stack>
        );
      }}
    </Loaded>
  );
}

function One({ document, catcher }: { document: Document; catcher: Catcher }) {
  const api = useApi();
  const queries = useQueryClient();
  const [, setParams] = useSearchParams();
  const [error, setError] = useState<unknown>();
  const requests = `${pathOf(catcher)}/requests`;
  const remove = async (path: string, then: () => unknown) => {
    setError(undefined);
    try {
      await ask(api, path, "DELETE");
      await then();
    } catch (failure) {
      setError(failure);
    }
  };
  const clear = () => remove(requests, () => queries.invalidateQueries({ queryKey: [api.key, requests] }));
  // Nothing asks any more for what it has caught.
  const end = () =>
    remove(pathOf(catcher), () => {
      queries.setQueryData<Page<Catcher>>(
        [api.key, CATCHERS],
        (former) => former && { ...former, Items: former.Items.filter(({ ID }) => ID !== catcher.ID) },
      );
      setParams(new URLSearchParams());
    });
  return (
    <Stack>
      {error !== undefined && <Trouble error={error} />}
      <Facts
        facts={[
          [
            "Address",
            <Group key="url" gap={4} wrap="nowrap">
              <span>{catcher.Url}</span>
              <Copy text={catcher.Url} of="the catcher's address" />
            </Group>,
          ],
          ["Answers", <Answers key="answers" catcher={catcher} />],
        ]}
      />
      <PointWebhook url={catcher.Url}>
        <Button size="xs" variant="default" onClick={() => void clear()}>
          Clear the list
        </Button>
        <Button size="xs" variant="default" onClick={() => void end()}>
          Delete the catcher
        </Button>
      </PointWebhook>
      <Title order={2} size="h5">
        What has come
      </Title>
      <LiveList
        document={document}
        operation="Catchers.ListRequests"
        missing="This server has no catchers."
        path={requests}
        columns={COLUMNS}
        live
        cells={CELLS}
        title="What was caught"
        one={(id, close) => <Caught path={`${requests}/${encodeURIComponent(id)}`} onClose={close} />}
      />
    </Stack>
  );
}

function Answers({ catcher }: { catcher: Catcher }) {
  return (
    <>
      <StatusBadge of={catcher.Status} />
      {catcher.DelayMilliseconds > 0 && ` after ${catcher.DelayMilliseconds} ms`} {catcher.Body}
    </>
  );
}
