import { Alert, Code, Group, Stack, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import type { Page } from "../pages";
import { PageFrame } from "../parts/PageFrame";

/** In place of a page that the token does not open. */
export function NeedsRoles({ page, roles }: { page: Page; roles: string[] }) {
  return (
    <PageFrame title={page.title} about={page.about}>
      <Alert color="orange" icon={<IconLock size={18} />} title="Not with this token" maw={640}>
        <Stack gap="xs">
          <Text size="sm">What it shows is given to tokens with {roles.length === 1 ? "the role" : "one of the roles"}</Text>
          <Group gap={6}>
            {roles.map((role) => (
              <Code key={role}>{role}</Code>
            ))}
          </Group>
          <Text size="sm">Act as somebody who has it: the bar at the top right adds another user.</Text>
        </Stack>
      </Alert>
    </PageFrame>
  );
}
