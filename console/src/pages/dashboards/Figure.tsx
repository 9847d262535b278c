import { Group, Stack, Text } from "@mantine/core";

/** Some figures beside one another, each under its name. */
export function FigureRow({ figures }: { figures: [name: string, value: string][] }) {
  return (
    <Group gap="xl" component="dl" m={0}>
      {figures.map(([name, value]) => (
        <Stack key={name} gap={0}>
          <Text component="dt" size="xs" c="dimmed">
            {name}
          </Text>
          <Text component="dd" m={0} fw={650} fz="lg">
            {value}
          </Text>
        </Stack>
      ))}
    </Group>
  );
}
