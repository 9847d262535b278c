import { Grid, Group, NumberInput, Stack, TextInput } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import type { Item } from "../../api/ask";
import { ExpressionEditor } from "./ExpressionEditor";
import { Reference } from "./Reference";
import { Saving } from "./Saving";
import { Trying } from "./Trying";
import { type Draft, type Target, draftOf } from "./draft";
import type { Fault, Kind, Vocabulary } from "./told";
import { useChecked, usePaths } from "./useExpressions";
import { wordsOf } from "./words";

const LABELS: Record<string, [label: string, description: string]> = {
  EligibleExpression: ["EligibleExpression", "When the promotion applies: true or false."],
  ValueExpression: ["ValueExpression", "What it takes off: an amount."],
  RuleExpression: ["RuleExpression", "When somebody has to approve: true or false."],
};
const BY_LINE: typeof LABELS = {
  EligibleExpression: ["EligibleExpression", "To which line items the promotion applies; it has to speak of item."],
  ValueExpression: ["ValueExpression", "What it takes off such a line; where the quantity is limited, off each unit."],
};

interface Props {
  vocabulary: Vocabulary;
  kind: Kind;
  what: string;
  target: Target | undefined;
  existing: Item | undefined;
  subject: string;
  choose: (subject: string) => void;
  onSaved: (target: Target) => void;
}

/** Writing, trying and saving expressions of one kind. */
export function Workbench({ vocabulary, kind, what, target, existing, subject, choose, onSaved }: Props) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(existing));
  const [refused, setRefused] = useState<Record<string, string>>({});
  const insert = useRef<((text: string) => void) | undefined>(undefined);
  const found = usePaths(kind, subject);
  const words = useMemo(() => wordsOf(vocabulary, kind, found), [vocabulary, kind, found]);
  const { check, last, trial } = useChecked(kind, draft, target?.id ?? "", subject);
  if (words === undefined) return null;
  const change = (values: Partial<Draft>) => {
    setRefused({});
    setDraft((former) => ({ ...former, ...values }));
  };
  const faults = last?.Faults ?? [];
  const of = (name: string) => faults.find(({ Property }) => Property === name);
  const together = faults.filter(({ Property }) => Property === null || !(Property in draft)).map(({ Message }) => Message);
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 8 }}>
        <Stack gap="lg">
          {words.language.Expressions.map(({ Name, MaxLength }) => {
            const [label, description] = (kind === "LineItemPromotion" ? BY_LINE : LABELS)[Name] ?? [Name, ""];
            const value = draft[Name as "RuleExpression"];
            return (
              <ExpressionEditor
                key={Name}
                name={Name}
                label={label}
                description={description}
                longest={MaxLength}
                value={value}
                onChange={(next) => change({ [Name]: next })}
                words={words}
                fault={value === "" ? undefined : of(Name)}
                refused={refused[Name]}
                onFocus={(put) => {
                  insert.current = put;
                }}
              />
            );
          })}
          {kind === "LineItemPromotion" && <Limits draft={draft} change={change} of={of} together={together} />}
          <Trying
            kind={kind}
            subject={subject}
            choose={choose}
            trial={trial}
            waits={last?.IsValid === true ? undefined : last === undefined ? "Nothing is written yet." : "It is tried as soon as it can be saved."}
          />
          <Saving
            key={`${target?.buyer ?? ""} ${target?.id ?? ""}`}
            kind={kind}
            what={what}
            draft={draft}
            target={target}
            valid={check?.IsValid === true}
            onSaved={onSaved}
            onRefused={setRefused}
          />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4 }}>
        <Reference words={words} insert={(text) => insert.current?.(text)} />
      </Grid.Col>
    </Grid>
  );
}

interface LimitsProps {
  draft: Draft;
  change: (values: Partial<Draft>) => void;
  of: (name: string) => Fault | undefined;
  together: string[];
}

/** How many units, or lines, it applies to, and to which first. */
function Limits({ draft, change, of, together }: LimitsProps) {
  const number = (value: number | string) => (typeof value === "number" ? value : null);
  return (
    <Group align="flex-start" gap="sm">
      <NumberInput
        label="Units of an order at most"
        value={draft.QuantityLimitPerOrder ?? ""}
        onChange={(value) => change({ QuantityLimitPerOrder: number(value) })}
        error={of("QuantityLimitPerOrder")?.Message ?? together[0]}
        allowDecimal={false}
        flex="1 1 11rem"
      />
      <NumberInput
        label="Lines of an order at most"
        value={draft.ItemLimitPerOrder ?? ""}
        onChange={(value) => change({ ItemLimitPerOrder: number(value) })}
        error={of("ItemLimitPerOrder")?.Message}
        allowDecimal={false}
        flex="1 1 11rem"
      />
      <TextInput
        label="Lines first by"
        placeholder="!UnitPrice"
        value={draft.ItemSortBy}
        onChange={({ currentTarget: { value } }) => change({ ItemSortBy: value })}
        error={of("ItemSortBy")?.Message}
        flex="1 1 11rem"
      />
    </Group>
  );
}
