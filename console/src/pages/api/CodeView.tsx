import { Code, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Operation } from "../../api/document";
import { Copy } from "../../parts/Copy";
import { LANGUAGES } from "./code";
import type { Request } from "./request";

interface Props {
  request: Request;
  operation: Operation;
  baseUrl: string;
  isAsSent: boolean;
}

/** The request as code; the token is never in it. */
export function CodeView({ request, operation, baseUrl, isAsSent }: Props) {
  const [name, setName] = useState("curl");
  const language = LANGUAGES.find((each) => each.name === name) ?? LANGUAGES[0];
  if (language === undefined) return null;
  const code = language.code(request, operation, baseUrl);
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <SegmentedControl
          aria-label="Language"
          size="xs"
          data={LANGUAGES.map((each) => each.name)}
          value={name}
          onChange={setName}
        />
        <Copy text={code} of="the code" />
      </Group>
      <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} data-testid="code">
        {code}
      </Code>
      <Text size="xs" c="dimmed">
        {isAsSent ? "The request as it was sent." : "The request as the form would send it now."}
      </Text>
      {!request.open && (
        <Text size="xs" c="dimmed">
          With the access token of the bar above in the variable <Code>TOKEN</Code>.
        </Text>
      )}
    </Stack>
  );
}
