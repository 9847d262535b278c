import { Alert, Text } from "@mantine/core";

/** The answer in one line, and the reason. */
export function Verdict({ good, title, reason }: { good: boolean; title: string; reason: string }) {
  return (
    <Alert
      variant="outline"
      color={good ? "green.9" : "red.9"}
      title={title}
      role="status"
      styles={{ title: { color: "var(--mantine-color-text)" } }}
    >
      <Text size="sm" className="any-text">
        {reason}
      </Text>
    </Alert>
  );
}
