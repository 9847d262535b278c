import { Alert, Anchor, Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { useSession } from "../session/store";
import { Mark } from "./Mark";
import { SchemeSwitch } from "./SchemeSwitch";

interface Props {
  title: string;
  children: ReactNode;
  /** Below the frame. */
  foot?: ReactNode;
}

/** A page for whoever is not signed in. */
export function Outside({ title, children, foot }: Props) {
  const { ended } = useSession();
  useEffect(() => {
    document.title = `${title} · Entrepot`;
  }, [title]);
  return (
    <Center component="main" mih="100%" p="md">
      <Stack w="100%" maw={400} gap="lg">
        <Group justify="space-between">
          <Mark />
          <SchemeSwitch />
        </Group>
        {ended !== undefined && (
          <Alert role="status" color="orange">
            {ended.why}
          </Alert>
        )}
        <Paper withBorder p="lg" radius="md">
          <Stack gap="md">
            <Title order={1} size="h3">
              {title}
            </Title>
            {children}
          </Stack>
        </Paper>
        {foot ?? (
          <Text size="sm" c="dimmed">
            <Anchor component={Link} to="/" underline="always">
              To the sign-in
            </Anchor>
          </Text>
        )}
      </Stack>
    </Center>
  );
}
