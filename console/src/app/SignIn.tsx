import { Anchor, Tabs, Text } from "@mantine/core";
import { useSession } from "../session/store";
import { Outside } from "./Outside";
import { PortalForm } from "./PortalForm";
import { SignInForm } from "./SignInForm";

/** The page of whoever is not signed in. */
export function SignIn() {
  const { ended } = useSession();
  return (
    <Outside
      title="Sign in"
      foot={
        <Text size="sm" c="dimmed">
          Every operation of this server is described in the{" "}
          <Anchor href="/docs" underline="always">
            reference
          </Anchor>
          .
        </Text>
      }
    >
      <Tabs defaultValue={ended?.way ?? "portal"} keepMounted={false}>
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
    </Outside>
  );
}
