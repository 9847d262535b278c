import { Alert, Anchor, Center, Group, Paper, Stack, Tabs, Text, Title } from "@mantine/core";
import { useEffect } from "react";
import { useSession } from "../session/store";
import { Mark } from "./Mark";
import { PortalForm } from "./PortalForm";
import { SchemeSwitch } from "./SchemeSwitch";
import { SignInForm } from "./SignInForm";

/** The page of whoever is not signed in. */
export function SignIn() {
  const { ended } = useSession();
  useEffect(() => {
    document.title = "Sign in · Entrepot";
  }, []);
  return (
    <Center component="main" mih="100%" p="md">
      <Stack w="100%" maw={400} gap="lg">
        <Group justify="space-between">
          <Mark />
          <SchemeSwitch />
        </Group>
        {ended !== undefined && (
          <Alert role="status" color="orange">
            {ended}
          </Alert>
        )}
        <Paper withBorder p="lg" radius="md">
          <Stack gap="md">
            <Title order={1} size="h3">
              Sign in
            </Title>
            <Tabs defaultValue="portal" keepMounted={false}>
              <Tabs.List grow mb="md">
                <Tabs.Tab value="portal">Portal account</Tabs.Tab>
                <Tabs.Tab value="client">API client</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="portal">
                <PortalForm />
              </Tabs.Panel>
              <Tabs.Panel value="client">
                <SignInForm />
              </Tabs.Panel>
            </Tabs>
          </Stack>
        </Paper>
        <Text size="sm" c="dimmed">
          Every operation of this server is described in the{" "}
          <Anchor href="/docs" underline="always">
            reference
          </Anchor>
          .
        </Text>
      </Stack>
    </Center>
  );
}
