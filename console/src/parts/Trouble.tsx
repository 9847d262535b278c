import { Alert, Button, Code, List, Stack, Text } from "@mantine/core";
import { problemOf } from "../api/problem";

interface Props {
  /** What a call has thrown, through whichever client. */
  error: unknown;
  /** Offers to try again. */
  retry?: () => void;
}

/** What went wrong: the server's own words, each of its errors, and the ID by which its log knows the request. */
export function Trouble({ error, retry }: Props) {
  const problem = problemOf(error);
  return (
    <Alert role="alert" color={problem.status === 0 ? "orange" : "red"} title={problem.title}>
      <Stack gap="xs" align="flex-start">
        {problem.status === 0 && <Text size="sm">It may be starting, or gone. Nothing is lost here; try again.</Text>}
        {problem.errors.length > 0 && (
          <List size="sm" listStyleType={problem.errors.length === 1 ? "none" : "disc"}>
            {problem.errors.slice(0, 20).map((each, index) => (
              <List.Item key={index} className="any-text">
                {each.Message} {each.ErrorCode && <Code>{each.ErrorCode}</Code>}
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
