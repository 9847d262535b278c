import { Code, List, Text } from "@mantine/core";
import { Sign } from "./Sign";
import type { ExplainedClause, ExplainedValue } from "./explained";

/** The clauses of a condition, what they saw, and which of them stand against the whole. */
export function Clauses({ clauses }: { clauses: ExplainedClause[] }) {
  return (
    <List size="sm" spacing={4}>
      {clauses.map((each, index) => (
        <List.Item key={index}>
          <ClauseLine clause={each} />
        </List.Item>
      ))}
    </List>
  );
}

function ClauseLine({ clause }: { clause: ExplainedClause }) {
  const said = clause.Holds === null ? "not asked any more" : clause.Holds ? "holds" : "does not hold";
  return (
    <Text span size="sm" className="any-text">
      {clause.LineItemID !== null && <>Line {clause.LineItemID}: </>}
      <Code>{clause.Clause}</Code> {said}{" "}
      {clause.Fails && <Sign color="red">fails</Sign>}{" "}
      <Values values={clause.Values} />
    </Text>
  );
}

/** The parts of an expression with what they were. */
export function Values({ values }: { values: ExplainedValue[] }) {
  if (values.length === 0) return null;
  return (
    <Text span size="sm" c="dimmed" className="any-text">
      ({values.map(({ Part, Value }) => `${Part} is ${Value}`).join("; ")})
    </Text>
  );
}
