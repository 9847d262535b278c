import { Alert, Button, Code, List, Stack, Text } from "@mantine/core";
import { Fragment } from "react";
import { type ApiError, problemOf } from "../api/problem";

interface Props {
  /** What a call has thrown, through whichever client. */
  error: unknown;
  /** Offers to try again. */
  retry?: () => void;
}

/** What went wrong: the server's own words, each of its errors, and the ID by which its log knows the request. */
export function Trouble({ error, retry }: Props) {
  const problem = problemOf(error);
  const told = byMessage(problem.errors);
  return (
    <Alert role="alert" color={problem.status === 0 ? "orange" : "red"} title={problem.title}>
      <Stack gap="xs" align="flex-start">
        {problem.status === 0 && <Text size="sm">It may be starting, or gone. Nothing is lost here; try again.</Text>}
        {told.length > 0 && (
          <List size="sm" listStyleType={told.length === 1 ? "none" : "disc"}>
            {told.slice(0, 20).map(([message, codes]) => (
              <List.Item key={message} className="any-text">
                {message}{" "}
                {codes.map((code) => (
                  <Fragment key={code}>
                    <Code>{code}</Code>{" "}
                  </Fragment>
                ))}
              </List.Item>
            ))}
          </List>
        )}
        {problem.requestID && (
          <Text size="xs" c="dimmed" className="any-text">
            Request {problem.requestID}
          </Text>
        )}
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Each message once, with its codes: a refused login has one message under an old and a new code. */
function byMessage(errors: ApiError[]): [message: string, codes: string[]][] {
  const found = new Map<string, Set<string>>();
  for (const { Message, ErrorCode } of errors) {
    const codes = found.get(Message) ?? new Set();
    if (ErrorCode) codes.add(ErrorCode);
    found.set(Message, codes);
  }
  return [...found].map(([message, codes]) => [message, [...codes]]);
}
