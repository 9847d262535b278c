import { ActionIcon, Badge, Button, Group, ScrollArea, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconRepeat, IconTrash } from "@tabler/icons-react";
import { useDeferredValue, useState } from "react";
import { Link } from "react-router";
import type { Document } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Copy } from "../../parts/Copy";
import { When } from "../../parts/When";
import classes from "./HistoryView.module.css";
import { Verb } from "./Verb";
import { type Sent, forgetSaved, forgetSent, linkTo, useSaved, useSent } from "./kept";
import { type Request, pathValues } from "./request";

interface Props {
  document: Document;
  onChoose: () => void;
}

interface HistoryProps extends Props {
  /** Fills the form anew and sends it. */
  onResend: (link: string) => void;
}

/** Entries that are drawn at first, and with each step further. */
const A_PART = 100;

/** What was sent from this browser, the newest first. An entry fills the form anew, to be edited or sent as it was. */
export function History({ document, onChoose, onResend }: HistoryProps) {
  const { acting } = useApi();
  const [most, setMost] = useState(A_PART);
  const sent = useSent();
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search).toLowerCase();
  const found = sent.filter((each) =>
    `${each.verb} ${each.path} ${each.operation} ${each.user} ${each.status} ${each.body ?? ""}`.toLowerCase().includes(wanted),
  );
  return (
    <Stack gap="xs" h="100%" mih={0}>
      <TextInput aria-label="Search the history" placeholder="Search the history" type="search" value={search} onChange={(event) => setSearch(event.currentTarget.value)} />
      <Group justify="space-between">
        <Text size="xs" c="dimmed" role="status">
          {found.length} of {sent.length}
        </Text>
        {sent.length > 0 && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={forgetSent}>
            Forget all
          </Button>
        )}
      </Group>
      <ScrollArea className={classes.list} type="auto" scrollbarSize={8} offsetScrollbars="y">
        <ul className={classes.items}>
          {found.slice(0, most).map((each) => (
            <li key={each.key} className={classes.row}>
              <Link to={again(document, each)} className={classes.entry} onClick={onChoose}>
                <Verb verb={each.verb} />
                <span>
                  <span className="any-text">{each.path}</span>
                  <span className={classes.about}>
                    <Badge size="xs" radius="sm" variant="default" component="span">
                      {each.status}
                    </Badge>{" "}
                    {each.milliseconds.toFixed(0)} ms · {each.user} · <When at={each.at} />
                  </span>
                </span>
              </Link>
              <Copy text={acting.baseUrl + each.path} of={`the address of ${each.verb} ${each.path}`} />
              <Resend sent={each} onResend={() => onResend(again(document, each))} />
            </li>
          ))}
        </ul>
        {found.length > most && (
          <Button size="compact-xs" variant="subtle" fullWidth onClick={() => setMost(most + A_PART)}>
            {found.length - most} more
          </Button>
        )}
      </ScrollArea>
    </Stack>
  );
}

function Resend({ sent, onResend }: { sent: Sent; onResend: () => void }) {
  const what = `${sent.verb} ${sent.path}`;
  const told = sent.cut ? `Secrets or a long body of ${what} were not kept: open it and fill them in` : `Send ${what} again`;
  return (
    <Tooltip label={sent.cut ? told : "Send again"} multiline maw={260}>
      <ActionIcon variant="subtle" color="gray" aria-label={told} aria-disabled={sent.cut} {...(sent.cut ? { "data-disabled": true } : { onClick: onResend })}>
        <IconRepeat size={15} />
      </ActionIcon>
    </Tooltip>
  );
}

export function SavedRequests({ document, onChoose }: Props) {
  const saved = useSaved();
  if (saved.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="xs">
        None yet. Save beside Send keeps the form of a request here, in this browser; its link shares it.
      </Text>
    );
  }
  return (
    <ScrollArea className={classes.list} type="auto" scrollbarSize={8} offsetScrollbars="y">
      <ul className={classes.items}>
        {saved.map((each) => (
          <li key={each.key} className={classes.row}>
            <Link to={again(document, each)} className={classes.entry} onClick={onChoose}>
              <Verb verb={each.verb} />
              <span>
                <span className="any-text">{each.name}</span>
                <span className={classes.about}>{each.path}</span>
              </span>
            </Link>
            <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${each.name}`} onClick={() => forgetSaved(each.key)}>
              <IconTrash size={15} />
            </ActionIcon>
          </li>
        ))}
      </ul>
    </ScrollArea>
  );
}

/** The form of a request that was sent or saved. */
function again(document: Document, request: Request): string {
  const operation = document.operations.get(request.operation);
  return operation === undefined ? "/api" : linkTo(request, pathValues(operation, request.path));
}
