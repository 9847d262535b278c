import { Group, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import type { Operation } from "../api/document";
import { useApi } from "../api/useApi";
import { mayDo } from "../session/access";

/** CON-4: in place of what would change something, for whoever may only read it; nothing for who may change it, or where nobody does. */
export function ReadOnly({ operation }: { operation: Operation | undefined }) {
  const { acting } = useApi();
  if (operation === undefined || mayDo(acting, operation)) return null;
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" c="dimmed">
      <IconLock size={16} style={{ flex: "none", marginTop: 2 }} aria-hidden />
      <Text size="sm" className="any-text">
        To read only: a change takes {operation.roles.length === 1 ? "the role" : "one of the roles"} {operation.roles.join(", ")}.
      </Text>
    </Group>
  );
}
