import { Anchor, Button, Code, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Item, ask } from "../../api/ask";
import type { Document } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { Trouble } from "../../parts/Trouble";
import { When } from "../../parts/When";
import { LiveList } from "../../parts/listing/LiveList";

const COLUMNS = ["ID", "DateCreated", "MessageType", "Recipient", "Username", "Subject"];
const ADDRESS = /https?:\/\/[^\s<>"')\]]+/g;

interface Message extends Item {
  Text?: string | null;
  CCList?: string[] | null;
  EventBody?: unknown;
}

/** The messages to people that nothing has sent, for whoever develops an application: codes and links included. */
export function Mailbox({ document }: { document: Document }) {
  return (
    <LiveList
      document={document}
      operation="Mailbox.List"
      missing="This server has no mailbox."
      columns={COLUMNS}
      title="A message"
      one={(id, close) => <One id={id} path="/entrepot/v1/mailbox" onClose={close} />}
    />
  );
}

function One({ id, path, onClose }: { id: string; path: string; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  const own = `${path}/${encodeURIComponent(id)}`;
  const query = useQuery({ queryKey: [api.key, own], queryFn: () => ask<Message>(api, own) });
  const remove = async () => {
    try {
      await ask(api, own, "DELETE");
      onClose();
      queries.removeQueries({ queryKey: [api.key, own] });
      await queries.invalidateQueries({ queryKey: [api.key] });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Loaded query={query}>
      {(message) => (
        <Stack>
          {error !== undefined && <Trouble error={error} />}
          <Facts
            facts={[
              ["Subject", String(message.Subject)],
              ["For", `${String(message.Username)} <${String(message.Recipient)}>`],
              ["Copies", message.CCList?.join(", ")],
              ["Kind", String(message.MessageType)],
              ["When", <When key="when" at={String(message.DateCreated)} />],
            ]}
          />
          <Text size="sm" style={{ whiteSpace: "pre-wrap" }} className="any-text" dir="auto">
            <Linked text={message.Text ?? ""} />
          </Text>
          <Title order={2} size="h5">
            What a message sender would have been told
          </Title>
          <Code block className="any-text" style={{ whiteSpace: "pre-wrap" }} mah={360} tabIndex={0} dir="ltr">
            {JSON.stringify(message.EventBody ?? null, null, 2)}
          </Code>
          <Group>
            <Button size="xs" variant="default" onClick={() => void remove()}>
              Delete the message
            </Button>
          </Group>
        </Stack>
      )}
    </Loaded>
  );
}

/** A text whose web addresses can be followed: no others become links. */
function Linked({ text }: { text: string }) {
  const parts: React.ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    parts.push(text.slice(end, match.index));
    parts.push(
      <Anchor key={match.index} href={match[0]} target="_blank" rel="noreferrer noopener" underline="always">
        {match[0]}
      </Anchor>,
    );
    end = match.index + match[0].length;
  }
  return (
    <>
      {parts}
      {text.slice(end)}
    </>
  );
}
