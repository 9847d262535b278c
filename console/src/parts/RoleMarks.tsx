import { Badge, Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";

const FEW = 12;

/** The first of a token's roles, and the others when asked for. */
export function RoleMarks({ roles }: { roles: string[] }) {
  const [all, { open }] = useDisclosure();
  if (roles.length === 0) return <>none</>;
  return (
    <Group component="span" gap={4}>
      {roles.slice(0, all ? undefined : FEW).map((role) => (
        <Badge key={role} component="span" variant="default" size="sm" radius="sm" tt="none" fw={500}>
          {role}
        </Badge>
      ))}
      {!all && roles.length > FEW && (
        <Button size="compact-xs" variant="subtle" onClick={open}>
          {roles.length - FEW} more
        </Button>
      )}
    </Group>
  );
}
