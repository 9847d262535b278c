import { Code, Text } from "@mantine/core";

/** What was sent or answered, JSON with its lines. */
export function SentText({ text }: { text: string | null | undefined }) {
  if (!text) return <Text size="sm">Nothing.</Text>;
  return (
    <Code block className="any-text" style={{ whiteSpace: "pre-wrap" }} mah={360} tabIndex={0} dir="ltr">
      {pretty(text)}
    </Code>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
