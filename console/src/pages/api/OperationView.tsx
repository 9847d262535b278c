import { ActionIcon, Alert, Button, Group, Menu, Paper, SimpleGrid, Stack, Tabs, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBookmark, IconLink, IconSend2 } from "@tabler/icons-react";
import { type FormEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { Document, Operation } from "../../api/document";
import { type ApiError, problemOf } from "../../api/problem";
import { apiOf, useApi } from "../../api/useApi";
import { ReadOnly } from "../../parts/ReadOnly";
import { Prose } from "../../parts/Prose";
import { Trouble } from "../../parts/Trouble";
import { Waiting } from "../../parts/Waiting";
import { mayDo } from "../../session/access";
import { type Acting, useSession } from "../../session/store";
import { AnswerView } from "./AnswerView";
import { CodeView } from "./CodeView";
import { Form, requiredOf } from "./Form";
import { Verb } from "./Verb";
import { linkTo, noteSent, save } from "./kept";
import classes from "./api.module.css";
import { leadTo } from "../../parts/references";
import { type Answer, type Draft, type Request, faults as faultsOf, pathValues, requestOf, send } from "./request";

interface Props {
  document: Document;
  operation: Operation;
  start: Draft;
  onDraft: (draft: Draft) => void;
  address: string;
  /** The address of a form that is to be sent as it is, once. */
  pending: RefObject<string | undefined>;
}

/** What has come of a request for one user. */
type Outcome = { acting: Acting } & ({ answer: Answer } | { error: unknown } | { waiting: true });

/** One operation: its form, and beside it what was answered (CON-3). */
export function OperationView({ document, operation, start, onDraft, address, pending }: Props) {
  const { acting } = useApi();
  const others = useSession().acting.filter(({ key }) => key !== acting.key);
  const [draft, setDraft] = useState(start);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [sent, setSent] = useState<{ request: Request; draft: Draft }>();
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const beside = useRef<HTMLDivElement>(null);
  const several = outcomes.length > 1;
  // What only reads may be sent by whoever wants to see why it is refused.
  const shut = operation.verb !== "GET" && !mayDo(acting, operation);

  // The status of an answer is always to be seen, also below or above a form that is longer than the window.
  useEffect(() => {
    const place = beside.current?.getBoundingClientRect();
    if (outcomes.length === 0 || place === undefined) return;
    if (place.top < 0 || place.top > window.innerHeight * 0.7) beside.current?.scrollIntoView({ block: "start" });
  }, [outcomes]);

  const change = (next: Draft) => {
    setFaults((before) => unchanged(before, draft, next));
    setDraft(next);
    onDraft(next);
  };

  /** The request of the form, if nothing is missing in it. */
  function complete(): Request | undefined {
    const found = faultsOf(operation, draft, requiredOf(operation));
    setFaults(found);
    return Object.keys(found).length === 0 ? requestOf(operation, draft) : undefined;
  }

  async function submit(users: Acting[]): Promise<void> {
    const request = complete();
    if (request === undefined) return;
    setSent({ request, draft });
    setOutcomes(users.map((each) => ({ acting: each, waiting: true })));
    await Promise.all(
      users.map(async (each, index) => {
        const outcome = await outcomeOf(each, request);
        setOutcomes((before) => before.map((one, at) => (at === index ? outcome : one)));
        if (index === 0 && "answer" in outcome) setFaults(faultsIn(outcome.answer));
      }),
    );
  }

  useEffect(() => {
    if (pending.current !== address) return;
    pending.current = undefined;
    if (shut) return;
    void submit([acting]);
  });

  const waiting = outcomes.some((each) => "waiting" in each);
  const isAsSent = sent?.draft === draft;
  const request = isAsSent ? sent.request : requestOf(operation, { ...draft, ...(draft.text !== undefined && faultsOf(operation, draft, [])[""] && { text: "" }) });
  return (
    <Stack gap="md">
      <div>
        <Title order={2} size="h3" className="any-text">
          {operation.summary}
        </Title>
        <Group gap={6} mt={4} wrap="nowrap" align="baseline">
          <Verb verb={operation.verb} />
          <Text span ff="monospace" size="sm" className="any-text">
            {operation.path}
          </Text>
        </Group>
        {operation.description && (
          <Text size="sm" c="dimmed" mt={4}>
            <Prose text={operation.description} />
          </Text>
        )}
        {!shut && <Roles operation={operation} acting={acting} />}
      </div>
      <SimpleGrid cols={{ base: 1, lg: several ? 1 : 2 }} spacing="lg">
        <form
          noValidate
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            if (!shut) void submit([acting]);
          }}
        >
          <Stack gap="md">
            <Form document={document} operation={operation} draft={draft} onChange={change} faults={faults} shut={shut} />
            {Object.keys(faults).length > 0 && (
              <Text size="sm" c="red" role="alert">
                {faults[""] ?? `Look at ${Object.keys(faults).map((each) => each.replace(":", "")).join(", ")}.`}
              </Text>
            )}
            {shut ? (
              <div className={classes.actions}>
                <ReadOnly operation={operation} />
              </div>
            ) : (
              <Group gap={6} className={classes.actions}>
                <Button type="submit" loading={waiting} leftSection={<IconSend2 size={16} />}>
                  Send
                </Button>
                <Beside others={others} onChoose={(other) => void submit([acting, other])} />
                <Keep complete={complete} operation={operation} />
              </Group>
            )}
          </Stack>
        </form>
        <Stack gap="md" miw={0} ref={beside} className={several ? classes.beside : `${classes.beside} ${classes.following}`}>
          <Tabs defaultValue="answer" keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="answer">Answer</Tabs.Tab>
              <Tabs.Tab value="code">Code</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="answer" pt="md">
              {outcomes.length === 0 ? (
                <Text size="sm" c="dimmed">
                  {shut ? "With this token nothing is sent from here." : "Nothing was sent yet."}
                </Text>
              ) : (
                <SimpleGrid cols={{ base: 1, sm: outcomes.length }} spacing="md">
                  {outcomes.map((outcome) => (
                    <Paper key={outcome.acting.key} withBorder p="sm" miw={0} component="section" aria-label={`Answer to ${nameOf(outcome.acting)}`}>
                      {outcomes.length > 1 && (
                        <Text size="sm" fw={600} mb="xs" className="any-text">
                          {nameOf(outcome.acting)}
                        </Text>
                      )}
                      <OutcomeView
                        outcome={outcome}
                        document={document}
                        operation={operation}
                        values={sent === undefined ? {} : pathValues(operation, sent.request.path)}
                        retry={() => void submit([acting])}
                      />
                    </Paper>
                  ))}
                </SimpleGrid>
              )}
            </Tabs.Panel>
            <Tabs.Panel value="code" pt="md">
              <CodeView request={request} operation={operation} baseUrl={acting.baseUrl} isAsSent={isAsSent} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}

/** What is still wrong: of the fields that are as they were. */
function unchanged(faults: Record<string, string>, before: Draft, after: Draft): Record<string, string> {
  return Object.fromEntries(
    Object.entries(faults).filter(([name]) => {
      if (name === "") return before.text === after.text;
      if (name.startsWith(":")) return before.values[name.slice(1)] === after.values[name.slice(1)];
      const top = name.split(".")[0] ?? "";
      return before.body[top] === after.body[top];
    }),
  );
}

function nameOf(acting: Acting): string {
  return acting.username || "API client";
}

async function outcomeOf(acting: Acting, request: Request): Promise<Outcome> {
  try {
    const answer = await send(apiOf(acting), request);
    const { status, milliseconds } = answer;
    noteSent({ ...request, at: Date.now(), user: nameOf(acting), status, milliseconds });
    return { acting, answer };
  } catch (error) {
    return { acting, error };
  }
}

/** What the server says of single properties, for their fields. */
function faultsIn(answer: Answer): Record<string, string> {
  const { Errors } = (answer.json ?? {}) as { Errors?: ApiError[] };
  if (answer.status !== 400 || !Array.isArray(Errors)) return {};
  return Object.fromEntries(
    Errors.flatMap(({ Data, Message }) => {
      const { Property } = (Data ?? {}) as { Property?: unknown };
      return typeof Property === "string" ? [[Property, Message]] : [];
    }),
  );
}

interface OutcomeProps {
  outcome: Outcome;
  document: Document;
  operation: Operation;
  values: Record<string, string>;
  retry: () => void;
}

function OutcomeView({ outcome, document, operation, values, retry }: OutcomeProps) {
  if ("waiting" in outcome) return <Waiting what="Waiting for the answer" />;
  if ("error" in outcome) {
    return problemOf(outcome.error).status === -1 ? (
      <Alert role="alert" color="orange" title="Not sent">
        {String((outcome.error as Error).message)}
      </Alert>
    ) : (
      <Trouble error={outcome.error} retry={retry} />
    );
  }
  return (
    <AnswerView
      answer={outcome.answer}
      leads={(keys, value) => leadTo(document, operation, values, keys, value)}
    />
  );
}

function Roles({ operation, acting }: { operation: Operation; acting: Acting }) {
  if (operation.open) {
    return (
      <Text size="sm" c="dimmed" mt={4}>
        Needs no token.
      </Text>
    );
  }
  if (operation.roles.length === 0) return null;
  const held = operation.roles.filter((role) => acting.roles.includes(role));
  return (
    <Text size="sm" mt={4} className="any-text" c={held.length > 0 ? "dimmed" : "red"}>
      {held.length > 0
        ? `This token may, by ${held.join(", ")}.`
        : `This token may not: it takes one of ${operation.roles.join(", ")}.`}
    </Text>
  );
}

function Beside({ others, onChoose }: { others: Acting[]; onChoose: (other: Acting) => void }) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default" px="xs">Send also as …</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {others.length === 0 && <Menu.Label>Nobody else is signed in: add another user in the bar above.</Menu.Label>}
        {others.map((each) => (
          <Menu.Item key={each.key} onClick={() => onChoose(each)}>
            {nameOf(each)} {each.userType && `(${each.userType})`}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** A link to the form as it is filled in, and a place for it among the saved ones. */
function Keep({ complete, operation }: { complete: () => Request | undefined; operation: Operation }) {
  const [naming, setNaming] = useState<Request>();
  const [name, setName] = useState("");

  async function copy(): Promise<void> {
    const request = complete();
    if (request === undefined) return;
    const link = `${window.location.origin}/#${linkTo(request, pathValues(operation, request.path))}`;
    try {
      await navigator.clipboard.writeText(link);
      notifications.show({ message: "The link to this request is copied. Secrets are not in it." });
    } catch {
      notifications.show({ message: "This browser does not let the console copy.", color: "orange" });
    }
  }

  if (naming !== undefined) {
    const keep = () => {
      if (name.trim() === "") return;
      save(name.trim(), naming);
      setNaming(undefined);
      notifications.show({ message: `Saved as ${name.trim()}.` });
    };
    return (
      <Group gap={6} wrap="nowrap">
        <TextInput
          aria-label="Name of the saved request"
          placeholder="Name"
          value={name}
          autoFocus
          onChange={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") setNaming(undefined);
            if (event.key !== "Enter") return;
            event.preventDefault();
            keep();
          }}
        />
        <Button variant="light" onClick={keep}>
          Keep
        </Button>
      </Group>
    );
  }
  return (
    <>
      <ActionIcon
        variant="default"
        size={36}
        aria-label="Save"
        title="Save this request"
        onClick={() => {
          setName(operation.summary);
          setNaming(complete());
        }}
      >
        <IconBookmark size={16} />
      </ActionIcon>
      <ActionIcon variant="default" size={36} aria-label="Copy link" title="Copy a link to this request" onClick={() => void copy()}>
        <IconLink size={16} />
      </ActionIcon>
    </>
  );
}
