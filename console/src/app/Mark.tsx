import { Group, Text } from "@mantine/core";

/** The warehouse and the name. */
export function Mark() {
  return (
    <Group gap={8} wrap="nowrap">
      <img src="/icon.svg" width={26} height={26} alt="" />
      <Text fw={700} size="md" lh={1} visibleFrom="xs">
        Entrepot
      </Text>
    </Group>
  );
}
