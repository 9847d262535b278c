import { Badge, Button, Group } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ReferencePicker } from "../../parts/ReferencePicker";
import { type Target, isPromotion } from "./draft";
import type { Kind } from "./told";

interface Props {
  kind: Kind;
  what: string;
  target: Target | undefined;
  open: (target: Target | undefined) => void;
}

/** Which promotion or rule is changed: an existing one, or none yet. */
export function Opening({ kind, what, target, open }: Props) {
  const [buyer, setBuyer] = useState(target?.buyer ?? "");
  const [id, setId] = useState("");
  if (target !== undefined) {
    return (
      <Group gap="sm">
        <Badge radius="sm" tt="none" size="lg" maw="100%">
          Changing {what} {target.id}
        </Badge>
        <Button size="xs" variant="default" onClick={() => open(undefined)}>
          Start a new one
        </Button>
      </Group>
    );
  }
  const isOfBuyer = kind === "ApprovalRule";
  const list = isPromotion(kind) ? "/v1/promotions" : isOfBuyer ? buyer && `/v1/buyers/${encodeURIComponent(buyer)}/approvalrules` : "/v1/approvalrules";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    open({ kind, buyer, id: id.trim() });
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="sm">
        {isOfBuyer && <ReferencePicker label="Buyer of an existing rule" list="/v1/buyers" value={buyer} onChange={setBuyer} flex="0 1 16rem" />}
        <ReferencePicker
          key={buyer}
          label={`Existing ${what}`}
          placeholder="to change it"
          list={list || undefined}
          value={id}
          onChange={setId}
          flex="0 1 16rem"
        />
        <Button type="submit" variant="default" disabled={id.trim() === "" || (isOfBuyer && buyer.trim() === "")}>
          Open
        </Button>
      </Group>
    </form>
  );
}
