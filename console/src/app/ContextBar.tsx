import { Badge, Button, Group, Modal, Popover, Stack, Tabs, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBuildingStore, IconChevronDown, IconLogout, IconUserPlus, IconUsersGroup } from "@tabler/icons-react";
import { Link } from "react-router";
import { Copy } from "../parts/Copy";
import { Facts } from "../parts/Facts";
import { RoleMarks } from "../parts/RoleMarks";
import { marketplaceOf, useEnvironment, useMe } from "../session/place";
import { type Acting, leave, signOut, stepOut, switchTo, useSession } from "../session/store";
import { spelled, useTimeLeft } from "../session/useTimeLeft";
import classes from "./ContextBar.module.css";
import { SignInForm } from "./SignInForm";
import { UserPicker } from "./UserPicker";

/** Who acts where: always in sight, in full behind a click, and the way to become somebody else (CON-1). */
export function ContextBar({ acting }: { acting: Acting }) {
  const [opened, { toggle, close }] = useDisclosure();
  const [adding, adder] = useDisclosure();
  const me = useMe();
  const environment = useEnvironment(opened);
  const { account } = useSession();
  const marketplace = acting.marketplace?.name ?? marketplaceOf(me.data);
  return (
    <>
      <Popover opened={opened} onChange={close} position="bottom-end" width={380} shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <UnstyledButton className={classes.bar} onClick={toggle} aria-expanded={opened} aria-haspopup="dialog">
            {marketplace !== undefined && (
              <Text span size="sm" c="dimmed" visibleFrom="md" truncate maw={220}>
                {marketplace}
              </Text>
            )}
            <Text span size="sm" fw={600} truncate maw={{ base: 110, xs: 180 }}>
              {nameOf(acting)}
            </Text>
            {acting.userType && (
              <Badge variant="light" size="sm" radius="sm" visibleFrom="xs" tt="none">
                {acting.userType}
              </Badge>
            )}
            <TimeLeft acting={acting} />
            <IconChevronDown size={14} aria-hidden />
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown className={classes.card}>
          <Stack gap="md">
            <Facts
              facts={[
                ["Marketplace", marketplace],
                ["Marketplace ID", acting.marketplace?.id],
                ["Base URL", <WithCopy key="url" text={acting.baseUrl} of="the base URL" />],
                ["Region", acting.marketplace?.region],
                ["Environment", acting.marketplace?.environment ?? environment.data?.Environment],
                ["API client", acting.portal?.clientid === undefined && acting.portal ? "" : <WithCopy key="client" text={acting.clientID} of="the ID of the API client" />],
                ["User", nameOf(acting)],
                ["Access token", <WithCopy key="token" text={acting.token} shown="••••••••" of="the access token" />],
                ["Roles", <RoleMarks key="roles" roles={acting.roles} />],
              ]}
            />
            <Others acting={acting} />
            <Group gap="xs">
              <Button
                size="xs"
                variant="light"
                leftSection={<IconUserPlus size={14} />}
                onClick={() => {
                  close();
                  adder.open();
                }}
              >
                Add another user
              </Button>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconLogout size={14} />}
                onClick={() => leave(acting.key)}
              >
                Sign out
              </Button>
              {account !== undefined && acting.portal !== undefined && (
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconUsersGroup size={14} />}
                  component={Link}
                  to={`/marketplaces/${acting.portal.organization}`}
                  onClick={close}
                >
                  People and rights
                </Button>
              )}
              {account !== undefined && (
                <Button size="xs" variant="default" leftSection={<IconBuildingStore size={14} />} onClick={stepOut}>
                  Marketplaces
                </Button>
              )}
              <EveryoneOut />
            </Group>
          </Stack>
        </Popover.Dropdown>
      </Popover>
      <Modal opened={adding} onClose={adder.close} title="Another user">
        <Another acting={acting} onDone={adder.close} />
      </Modal>
    </>
  );
}

/** By the portal where somebody of it is signed in; else, or besides, by an API client. */
function Another({ acting, onDone }: { acting: Acting; onDone: () => void }) {
  const { account } = useSession();
  if (account === undefined || acting.portal === undefined) return <SignInForm onDone={onDone} />;
  return (
    <Tabs defaultValue="portal" keepMounted={false}>
      <Tabs.List grow mb="md">
        <Tabs.Tab value="portal">Of this marketplace</Tabs.Tab>
        <Tabs.Tab value="client">By a password</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="portal">
        <UserPicker organization={acting.portal.organization} onDone={onDone} />
      </Tabs.Panel>
      <Tabs.Panel value="client">
        <SignInForm onDone={onDone} />
      </Tabs.Panel>
    </Tabs>
  );
}

export function nameOf(acting: Acting): string {
  return acting.username || "API client";
}

function TimeLeft({ acting }: { acting: Acting }) {
  const left = useTimeLeft(acting.expires);
  const soon = left < 120_000 && acting.refreshToken === undefined;
  return (
    <Text span size="xs" {...(soon ? { c: "red" } : { c: "dimmed" })} className={classes.left} visibleFrom="xs">
      <span aria-hidden>{left === 0 ? "ended" : spelled(left)}</span>
      <span className={classes.hidden}>{left === 0 ? "The token has ended" : "Time left of the token"}</span>
    </Text>
  );
}

function WithCopy({ text, of, shown = text }: { text: string; of: string; shown?: string }) {
  return (
    <Group component="span" gap={4} wrap="nowrap" align="flex-start">
      <span className="any-text">{shown}</span>
      <Copy text={text} of={of} />
    </Group>
  );
}

function Others({ acting }: { acting: Acting }) {
  const others = useSession().acting.filter(({ key }) => key !== acting.key);
  if (others.length === 0) return null;
  return (
    <Stack gap={4}>
      <Text size="xs" c="dimmed" fw={600}>
        Act as
      </Text>
      {others.map((each) => (
        <Button
          key={each.key}
          size="xs"
          variant="default"
          justify="space-between"
          rightSection={each.userType}
          onClick={() => switchTo(each.key)}
        >
          {nameOf(each)}
        </Button>
      ))}
    </Stack>
  );
}

function EveryoneOut() {
  if (useSession().acting.length < 2) return null;
  return (
    <Button size="xs" variant="subtle" color="gray" onClick={signOut}>
      Sign out all
    </Button>
  );
}
