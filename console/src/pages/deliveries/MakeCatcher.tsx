import { Button, Group, Modal, NumberInput, Stack, TextInput, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../api/ask";
import { useApi } from "../../api/useApi";
import { Trouble } from "../../parts/Trouble";
import { CATCHERS, type Catcher } from "./catcher";

const PROCEED = '{"proceed": true}';

interface Props {
  opened: boolean;
  onClose: () => void;
  onMade: (made: Catcher) => void;
}

/** A new catcher: its name, and what it answers. */
export function MakeCatcher({ opened, onClose, onMade }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="A new catcher">
      <Form onClose={onClose} onMade={onMade} />
    </Modal>
  );
}

function Form({ onClose, onMade }: Omit<Props, "opened">) {
  const api = useApi();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [status, setStatus] = useState<number | string>(200);
  const [body, setBody] = useState(PROCEED);
  const [delay, setDelay] = useState<number | string>(0);
  const [error, setError] = useState<unknown>();
  const make = async () => {
    setError(undefined);
    try {
      const asked = { Name: name || null, Status: Number(status), Body: body, DelayMilliseconds: Number(delay) };
      const made = await ask<Catcher>(api, CATCHERS, "POST", asked);
      await queries.invalidateQueries({ queryKey: [api.key, CATCHERS] });
      onMade(made);
      onClose();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <Stack>
        {error !== undefined && <Trouble error={error} />}
        <TextInput label="Name" value={name} maxLength={100} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
        <NumberInput label="Status of its answers" min={200} max={599} allowDecimal={false} value={status} onChange={setStatus} />
        <Textarea
          label="Body of its answers"
          description="With proceed: true a webhook that is asked before a request lets it pass."
          autosize
          minRows={2}
          maxRows={10}
          maxLength={10_000}
          value={body}
          onChange={(event) => setBody(event.currentTarget.value)}
        />
        <NumberInput label="Milliseconds until it answers" min={0} max={30_000} step={1000} allowDecimal={false} value={delay} onChange={setDelay} />
        <Group>
          <Button type="submit">Make it</Button>
        </Group>
      </Stack>
    </form>
  );
}
