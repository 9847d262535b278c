import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ask } from "../../api/ask";
import { useApi } from "../../api/useApi";
import { ReferencePicker } from "../../parts/ReferencePicker";
import { Trouble } from "../../parts/Trouble";

interface Pointed {
  id: string;
  former: string;
}

/** A button that points a webhook at an address, beside others, and what points it back at where it was. */
export function PointWebhook({ url, children }: { url: string; children?: ReactNode }) {
  const api = useApi();
  const queries = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const [id, setId] = useState("");
  const [pointed, setPointed] = useState<Pointed>();
  const [error, setError] = useState<unknown>();
  const point = async (webhook: string, to: string, then: (former: string) => void) => {
    setError(undefined);
    try {
      const path = `/v1/webhooks/${encodeURIComponent(webhook)}`;
      const { Url } = await ask<{ Url: string }>(api, path);
      if (Url !== to) await ask(api, path, "PATCH", { Url: to });
      then(Url);
      await queries.invalidateQueries({ queryKey: [api.key] });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <>
      <Group gap="xs">
        <Button size="xs" onClick={open}>
          Point a webhook at it
        </Button>
        {children}
      </Group>
      {pointed !== undefined && (
        <Alert color="gray" title={`Webhook ${pointed.id} is pointed here`}>
          <Stack gap="xs" align="flex-start">
            <Text size="sm" className="any-text">
              Before, its URL was {pointed.former}
            </Text>
            {error !== undefined && !opened && <Trouble error={error} />}
            <Button size="xs" variant="default" onClick={() => void point(pointed.id, pointed.former, () => setPointed(undefined))}>
              Point it back
            </Button>
          </Stack>
        </Alert>
      )}
      <Modal opened={opened} onClose={close} title="Point a webhook at the catcher">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void point(id, url, (former) => {
              if (former !== url) setPointed({ id, former });
              close();
            });
          }}
        >
          <Stack>
            {error !== undefined && <Trouble error={error} />}
            <ReferencePicker label="Webhook" list="/v1/webhooks" value={id} onChange={setId} required data-autofocus />
            <Text size="sm">Its URL becomes the catcher's address. Where it pointed is shown afterwards, to point it back.</Text>
            <Group>
              <Button type="submit" disabled={id === ""}>
                Point it here
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
