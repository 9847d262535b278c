import { Button, Checkbox, Collapse, Group, Paper, SimpleGrid, Stack, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useRef, useState } from "react";
import type { Item } from "../../api/ask";
import { byField, problemOf } from "../../api/problem";
import { useApi } from "../../api/useApi";
import { ReferencePicker } from "../../parts/ReferencePicker";
import { Trouble } from "../../parts/Trouble";
import { useSubmit } from "../../parts/useSubmit";
import { type Draft, type Target, changed, isPromotion, made } from "./draft";
import type { Kind } from "./told";

interface Field {
  name: string;
  label: string;
  required?: boolean;
  list?: (buyer: string) => string | undefined;
}

const OF_PROMOTION: Field[] = [
  { name: "Code", label: "Code", required: true },
  { name: "Name", label: "Name" },
  { name: "ID", label: "ID, made up if empty" },
];
const OF_RULE: Field[] = [
  { name: "ApprovingGroupID", label: "Approving group ID", required: true, list: (buyer) => buyer && `/v1/buyers/${encodeURIComponent(buyer)}/usergroups` },
  { name: "Name", label: "Name" },
  { name: "ID", label: "ID, made up if empty" },
];
const OF_SELLERS_RULE = OF_RULE.map((each) => (each.list === undefined ? each : { ...each, list: () => "/v1/usergroups" }));
const SWITCHES = [
  { name: "AllowAllBuyers", label: "For all buyers" },
  { name: "CanCombine", label: "Can be combined with others" },
  { name: "AutoApply", label: "Applies itself" },
];
const EXPRESSIONS = ["EligibleExpression", "ValueExpression", "RuleExpression"];

interface Props {
  kind: Kind;
  what: string;
  draft: Draft;
  /** What is open. */
  target: Target | undefined;
  valid: boolean;
  /** It has been made, or changed. */
  onSaved: (target: Target) => void;
  /** What saving has said of the expressions, by property. */
  onRefused: (errors: Record<string, string>) => void;
}

/** Saves the draft into what is open, or makes a new promotion or rule of it; refusals are told at their fields. */
export function Saving({ kind, what, draft, target, valid, onSaved, onRefused }: Props) {
  const api = useApi();
  const [more, setMore] = useState<Item>(isPromotion(kind) ? { AllowAllBuyers: true } : {});
  const [buyer, setBuyer] = useState(target?.buyer ?? "");
  const [isNew, setNew] = useState(target === undefined);
  const asNew = useRef(false);
  const saving = useSubmit(async () => {
    onRefused({});
    const isMade = asNew.current || target === undefined;
    try {
      const saved = isMade ? { kind, buyer, id: await made(api, kind, buyer, draft, given(more)) } : target;
      if (!isMade) await changed(api, target, draft);
      notifications.show({ message: `${isMade ? "Made" : "Saved"} the ${what} ${saved.id}`, color: "green" });
      onSaved(saved);
    } catch (failure) {
      onRefused(byField(EXPRESSIONS, problemOf(failure).errors));
      throw failure;
    }
  });
  const { error, busy } = saving;
  const fields = isPromotion(kind) ? OF_PROMOTION : kind === "ApprovalRule" ? OF_RULE : OF_SELLERS_RULE;
  const names = [...fields.map(({ name }) => name), ...SWITCHES.map(({ name }) => name), "BuyerID"];
  const refused = error === undefined ? {} : byField([...names, ...EXPRESSIONS], problemOf(error).errors);
  const isElsewhere = error !== undefined && (refused[""] !== undefined || Object.keys(refused).length === 0);
  return (
    <Paper withBorder p="md">
      <Stack>
        <Title order={2} size="h5">
          Save it
        </Title>
        {isElsewhere && <Trouble error={error} />}
        {target !== undefined && (
          <Group gap="sm">
            <Button
              loading={busy}
              disabled={!valid}
              onClick={() => {
                asNew.current = false;
                void saving.run();
              }}
            >
              Save to {target.id}
            </Button>
            <Button variant="default" aria-expanded={isNew} onClick={() => setNew(!isNew)}>
              Save as a new one
            </Button>
          </Group>
        )}
        <Collapse expanded={isNew}>
          <form
            noValidate
            onSubmit={(event) => {
              asNew.current = true;
              saving.submit(event);
            }}
          >
            <Stack gap="sm">
              <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
                {kind === "ApprovalRule" && (
                  <ReferencePicker label="Buyer ID" withAsterisk list="/v1/buyers" value={buyer} onChange={setBuyer} error={refused.BuyerID} />
                )}
                {fields.map(({ name, label, required, list }) => {
                  const props = { label, withAsterisk: required === true, value: String(more[name] ?? ""), error: refused[name] };
                  const change = (value: string) => setMore((former) => ({ ...former, [name]: value }));
                  return list === undefined ? (
                    <TextInput key={name} {...props} onChange={({ currentTarget: { value } }) => change(value)} />
                  ) : (
                    <ReferencePicker key={name} {...props} list={list(buyer)} onChange={change} />
                  );
                })}
              </SimpleGrid>
              {isPromotion(kind) && (
                <Group gap="lg">
                  {SWITCHES.map(({ name, label }) => (
                    <Checkbox
                      key={name}
                      label={label}
                      checked={more[name] === true}
                      error={refused[name]}
                      onChange={({ currentTarget: { checked } }) => setMore((former) => ({ ...former, [name]: checked }))}
                    />
                  ))}
                </Group>
              )}
              <Group>
                <Button type="submit" loading={busy} disabled={!valid || (kind === "ApprovalRule" && buyer === "")} {...(target !== undefined && { variant: "default" })}>
                  Make the {what}
                </Button>
              </Group>
            </Stack>
          </form>
        </Collapse>
      </Stack>
    </Paper>
  );
}

/** What has been filled in. */
function given(more: Item): Item {
  return Object.fromEntries(Object.entries(more).filter(([, value]) => value !== ""));
}
