import { Button, Code, Stack, Table, Text, Title } from "@mantine/core";
import { Fragment, useState } from "react";
import { Wide } from "../../parts/Wide";
import { exact, shown } from "../orders/money";
import { Clauses, Values } from "../why/Clauses";
import { Sign } from "../why/Sign";
import { Verdict } from "../why/Verdict";
import classes from "./expressions.module.css";
import type { Trial, TriedPromotion, TriedRule } from "./told";

/** What the expressions make of the order. */
export function Tried({ trial }: { trial: Trial }) {
  return (
    <Stack gap="sm">
      {trial.Promotion !== null && <OfPromotion trial={trial} tried={trial.Promotion} />}
      {trial.Rule !== null && <OfRule tried={trial.Rule} what={trial.OrderReturnID === null ? "order" : "return"} />}
    </Stack>
  );
}

const TOO_MANY = "The expressions take more work over this order than a request may.";

function OfPromotion({ trial, tried }: { trial: Trial; tried: TriedPromotion }) {
  const money = (value: number) => shown(exact(value), trial.Currency);
  const after = tried.Before === 0 ? "" : `, after ${money(tried.Before)} that other promotions take off`;
  const reason = tried.TooManySteps
    ? TOO_MANY
    : tried.IsEligible
      ? `The amount comes to ${tried.Value ?? 0} on a subtotal of ${money(trial.Subtotal)}${after}.`
      : "The condition does not hold.";
  return (
    <>
      <Verdict good={tried.IsEligible} title={tried.IsEligible ? `Eligible: takes off ${money(tried.Amount)}` : "Not eligible"} reason={reason} />
      {tried.Lines.length > 0 ? <Lines tried={tried} money={money} /> : <Told tried={tried} />}
    </>
  );
}

function Told({ tried }: { tried: TriedPromotion }) {
  return (
    <>
      <Title order={3} size="h6">
        The condition, clause by clause
      </Title>
      <Clauses clauses={tried.Eligible} />
      <Made tried={tried} />
    </>
  );
}

function Made({ tried }: { tried: TriedPromotion }) {
  if (tried.Parts.length === 0) return null;
  return (
    <Text size="sm">
      {tried.Lines.length > 0 ? "The amount of the first of these lines that is eligible is made of" : "The amount is made of"}{" "}
      <Values values={tried.Parts} />
    </Text>
  );
}

function Lines({ tried, money }: { tried: TriedPromotion; money: (value: number) => string }) {
  const [open, setOpen] = useState(tried.Lines[0]?.LineItemID);
  return (
    <>
      <Wide label="Line items">
        <Table verticalSpacing={6} miw={520}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Line</Table.Th>
              <Table.Th>Product</Table.Th>
              <Table.Th className={classes.number}>Quantity</Table.Th>
              <Table.Th className={classes.number}>Subtotal</Table.Th>
              <Table.Th>Condition</Table.Th>
              <Table.Th className={classes.number}>Takes off</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tried.Lines.map((line) => {
              const clauses = tried.Eligible.filter(({ LineItemID }) => LineItemID === line.LineItemID);
              const isOpen = open === line.LineItemID;
              return (
                <Fragment key={line.LineItemID}>
                  <Table.Tr>
                    <Table.Td>
                      <Button
                        size="compact-xs"
                        variant="subtle"
                        aria-expanded={isOpen}
                        aria-label={`Clauses of line ${line.LineItemID}`}
                        disabled={clauses.length === 0}
                        onClick={() => setOpen(isOpen ? undefined : line.LineItemID)}
                      >
                        <span className="any-text">{line.LineItemID}</span>
                      </Button>
                    </Table.Td>
                    <Table.Td className="any-text">{line.ProductID}</Table.Td>
                    <Table.Td className={classes.number}>{line.Quantity}</Table.Td>
                    <Table.Td className={classes.number}>{money(line.LineSubtotal)}</Table.Td>
                    <Table.Td>
                      <Sign color={line.IsEligible ? "green" : "red"}>{line.IsEligible ? "holds" : "fails"}</Sign>
                    </Table.Td>
                    <Table.Td className={classes.number}>{money(line.Amount)}</Table.Td>
                  </Table.Tr>
                  {isOpen && clauses.length > 0 && (
                    <Table.Tr>
                      <Table.Td colSpan={6}>
                        <Clauses clauses={clauses} />
                      </Table.Td>
                    </Table.Tr>
                  )}
                </Fragment>
              );
            })}
          </Table.Tbody>
        </Table>
      </Wide>
      {tried.MoreLines > 0 && <Text size="sm">and {tried.MoreLines} more lines</Text>}
      <Made tried={tried} />
    </>
  );
}

function OfRule({ tried, what }: { tried: TriedRule; what: string }) {
  const [title, reason] = tried.RequiresApproval
    ? ["Approval would be required", `The rule holds for this ${what}.`]
    : tried.ApprovedAtOnce
      ? ["Approved at once", "The rule holds, and who submits is in the group that approves."]
      : ["No approval needed", `The rule does not hold for this ${what}.`];
  return (
    <>
      <Verdict good={!tried.RequiresApproval} title={title} reason={tried.TooManySteps ? `${TOO_MANY} So the rule holds.` : reason} />
      <Title order={3} size="h6">
        The rule, clause by clause
      </Title>
      <Clauses clauses={tried.Clauses} />
      {tried.ApprovedRules.length > 0 && (
        <Text size="sm" className="any-text">
          Approved already:{" "}
          {tried.ApprovedRules.map((each) => (
            <Fragment key={each}>
              <Code>{each}</Code>{" "}
            </Fragment>
          ))}
        </Text>
      )}
    </>
  );
}
