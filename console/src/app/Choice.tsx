import { ActionIcon, Badge, Button, Center, Group, Paper, Stack, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { CurrentUser, Organizations } from "@ordercloud/portal-javascript-sdk";
import { IconChevronRight, IconLogout, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { Loaded } from "../parts/Loaded";
import { Trouble } from "../parts/Trouble";
import { type Organization, actIn, inPortal, signOutOfPortal } from "../session/portal";
import type { Account } from "../session/store";
import classes from "./Choice.module.css";
import { Mark } from "./Mark";
import { SchemeSwitch } from "./SchemeSwitch";

/** Marketplaces that are shown at once. */
const FEW = 50;

/** Which marketplace somebody of the portal wants to be in; a new one, too. */
export function Choice({ account }: { account: Account }) {
  const [search, setSearch] = useState("");
  const [making, maker] = useDisclosure();
  const found = useQuery({
    queryKey: ["portal", account.username, "organizations", search],
    queryFn: () => inPortal((options) => Organizations.List({ pageSize: FEW, ...(search && { search }) }, options)),
    placeholderData: (before) => before,
  });
  useEffect(() => {
    document.title = "Marketplaces · Entrepot";
  }, []);
  return (
    <Center component="main" mih="100%" p="md">
      <Stack w="100%" maw={560} gap="lg">
        <Group justify="space-between">
          <Mark />
          <Group gap={4}>
            <Text size="sm" c="dimmed" className="any-text">
              {account.username}
            </Text>
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Sign out" onClick={() => void signOutOfPortal()}>
              <IconLogout size={18} stroke={1.6} />
            </ActionIcon>
            <SchemeSwitch />
          </Group>
        </Group>
        <Group justify="space-between">
          <Title order={1} size="h2">
            Marketplaces
          </Title>
          <Button variant="light" leftSection={<IconPlus size={16} />} onClick={maker.toggle} aria-expanded={making}>
            New
          </Button>
        </Group>
        {making && <NewMarketplace />}
        <TextInput
          type="search"
          aria-label="Search marketplaces"
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Loaded query={found} what="Loading the marketplaces">
          {({ Items, Meta }) => (
            <Stack gap="xs">
              {Items.map((organization) => (
                <Row key={organization.Id} organization={organization} />
              ))}
              {Items.length === 0 && <Text c="dimmed">{search ? "None is named so." : "None yet: make your first one."}</Text>}
              {Meta.TotalCount > Items.length && (
                <Text size="sm" c="dimmed">
                  {Items.length} of {Meta.TotalCount}: search for the others.
                </Text>
              )}
            </Stack>
          )}
        </Loaded>
      </Stack>
    </Center>
  );
}

function Row({ organization }: { organization: Organization }) {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  async function enter(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await actIn(organization);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }
  return (
    <>
      <UnstyledButton className={classes.row} onClick={() => void enter()} disabled={busy}>
        <div className={classes.names}>
          <Text span fw={600} className="any-text">
            {organization.Name}
          </Text>
          <Text span size="sm" c="dimmed" className="any-text">
            {organization.Id}
          </Text>
        </div>
        <Badge variant="light" radius="sm" tt="none" component="span">
          {organization.Environment}
        </Badge>
        <Text span size="sm" c="dimmed">
          {organization.Region?.Name ?? organization.Region?.Id}
        </Text>
        <IconChevronRight size={16} aria-hidden />
      </UnstyledButton>
      {error !== undefined && <Trouble error={error} />}
    </>
  );
}

/** A Sandbox in the first region where one may be made (PORT-5, PORT-6). */
function NewMarketplace() {
  const [name, setName] = useState("");
  const [id, setId] = useState("");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  async function make(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const Id = id.trim() || crypto.randomUUID();
      await inPortal(async (options) => {
        const regions = await CurrentUser.ListRegions({ pageSize: 100 }, options);
        const region = regions.Items.find(({ CanCreateSandbox }) => CanCreateSandbox)?.Region?.Id ?? "usw";
        await Organizations.Save(Id, { Id, Name: name.trim(), Environment: "Sandbox", Region: { Id: region } }, options);
      });
      await actIn(await inPortal((options) => Organizations.Get(Id, options)));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }
  return (
    <Paper withBorder p="md" component="form" onSubmit={(event: FormEvent) => void make(event)}>
      <Stack gap="sm">
        <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
        <TextInput
          label="ID"
          description="Of this whole server, for good. Left empty, one is made."
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
          spellCheck={false}
        />
        {error !== undefined && <Trouble error={error} />}
        <Button type="submit" loading={busy} style={{ alignSelf: "flex-start" }}>
          Make a sandbox
        </Button>
      </Stack>
    </Paper>
  );
}
