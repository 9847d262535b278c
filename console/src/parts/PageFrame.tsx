import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

interface Props {
  title: string;
  about?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  /** Of rows and forms that gain nothing by a wide window. */
  narrow?: true;
  children: ReactNode;
}

/** The top of a page: its one heading, what it is about, its actions. Names the browser's tab, too. */
export function PageFrame({ title, about, actions, narrow, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Entrepot`;
  }, [title]);
  return (
    <Stack gap="lg" {...(narrow && { maw: 960 })}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Box>
          <Title order={1} size="h2" className="any-text">
            {title}
          </Title>
          {about !== undefined && (
            <Text c="dimmed" size="sm" mt={2}>
              {about}
            </Text>
          )}
        </Box>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
