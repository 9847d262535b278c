import { Button, Group, Modal, Paper, SimpleGrid, Tabs, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Organizations } from "@ordercloud/portal-javascript-sdk";
import { IconArrowLeft, IconLogin2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { Copy } from "../../parts/Copy";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { SubmitForm } from "../../parts/SubmitForm";
import { Trouble } from "../../parts/Trouble";
import { useSubmit } from "../../parts/useSubmit";
import { useAccount, usePortal, useRefresh } from "../../session/account";
import { type Organization, actIn, inPortal } from "../../session/portal";
import { type Contributor, impersonated } from "../../session/rights";
import { renamed } from "../../session/store";
import { AccessList } from "./AccessList";
import { GivingUp } from "./GivingUp";
import { InSum } from "./InSum";

/** One marketplace: where it is, who looks after it and may do what. Four calls. */
export function OneMarketplace({ id }: { id: string }) {
  const { key } = usePortal();
  const organization = useQuery({
    queryKey: [...key, "organization", id],
    queryFn: () => inPortal((options) => Organizations.Get(id, options)),
  });
  return (
    <PageFrame
      narrow
      title={organization.data?.Name ?? id}
      about="Where it is, who looks after it, and who may do what."
      actions={
        <>
          <Button component={Link} to="/marketplaces" variant="default" size="xs" leftSection={<IconArrowLeft size={14} />}>
            All marketplaces
          </Button>
          {organization.data && <Enter organization={organization.data} />}
        </>
      }
    >
      <Loaded query={organization} what="The marketplace is on its way">
        {(found) => <Known organization={found} />}
      </Loaded>
    </PageFrame>
  );
}

function Enter({ organization }: { organization: Organization }) {
  const navigate = useNavigate();
  const entering = useSubmit(async () => {
    await actIn(organization);
    navigate("/");
  });
  return (
    <>
      <Button size="xs" leftSection={<IconLogin2 size={14} />} loading={entering.busy} onClick={() => void entering.run()}>
        Enter
      </Button>
      {entering.error !== undefined && <Trouble error={entering.error} />}
    </>
  );
}

function Known({ organization }: { organization: Organization }) {
  const { key } = usePortal();
  const me = useAccount();
  const username = me.data?.Username;
  const isOwner = username !== undefined && organization.Owner?.Username === username;
  const own = useQuery({
    queryKey: [...key, "organization", organization.Id, "own rights"],
    queryFn: async () =>
      (await inPortal((options) => Organizations.GetContributor(organization.Id, username ?? "", options))) as unknown as Contributor,
    enabled: username !== undefined && !isOwner,
  });
  const isAdmin = isOwner || own.data?.IsAdmin === true;
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Where organization={organization} isAdmin={isAdmin} />
        <Paper withBorder p="md" component="section" aria-label="You in it">
          <Title order={2} size="h4" mb="sm">
            You in it
          </Title>
          {isOwner ? (
            <Text size="sm">It is yours: you may do everything, as any of its users, too.</Text>
          ) : (
            <Loaded query={own}>{(rights) => <OwnRights rights={rights} />}</Loaded>
          )}
        </Paper>
      </SimpleGrid>
      <Tabs defaultValue="people" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="people">People</Tabs.Tab>
          <Tabs.Tab value="teams">Teams</Tabs.Tab>
          <Tabs.Tab value="sum">All in all</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="people">
          <AccessList organization={organization} of="accounts" isAdmin={isAdmin} username={username} />
        </Tabs.Panel>
        <Tabs.Panel value="teams">
          <AccessList organization={organization} of="teams" isAdmin={isAdmin} username={username} />
        </Tabs.Panel>
        <Tabs.Panel value="sum">
          <InSum id={organization.Id} />
        </Tabs.Panel>
      </Tabs>
      {isOwner && me.data && <GivingUp organization={organization} email={me.data.Email} />}
    </>
  );
}

function OwnRights({ rights }: { rights: Contributor }) {
  const { IsAdmin, InheritedRoles } = rights;
  const users = impersonated(rights);
  return (
    <Facts
      facts={[
        ["People and rights", IsAdmin ? "you may change them" : "you may look at them"],
        ["Roles of your tokens", InheritedRoles.length > 0 ? InheritedRoles.join(", ") : "none"],
        ["You may act as", users.length > 0 ? users.join(", ") : "nobody but yourself"],
      ]}
    />
  );
}

function Where({ organization, isAdmin }: { organization: Organization; isAdmin: boolean }) {
  const [naming, namer] = useDisclosure();
  const { Id, Name, CoreApiUrl, Environment, Region, Owner } = organization;
  return (
    <Paper withBorder p="md" component="section" aria-label="Where it is">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Where it is
        </Title>
        {isAdmin && (
          <Button size="xs" variant="default" onClick={namer.open}>
            Rename
          </Button>
        )}
      </Group>
      <Facts
        facts={[
          ["Base URL", <Copied key="url" text={CoreApiUrl ?? ""} of="the base URL" />],
          ["Marketplace ID", <Copied key="id" text={Id} of="the ID" />],
          ["Environment", Environment],
          ["Region", Region?.Name ?? Region?.Id],
          ["Owner", <bdi key="owner">{[Owner?.Name, Owner?.Username].filter(Boolean).join(", ")}</bdi>],
        ]}
      />
      <Modal opened={naming} onClose={namer.close} title="Rename the marketplace">
        <Rename id={Id} name={Name} onDone={namer.close} />
      </Modal>
    </Paper>
  );
}

function Rename({ id, name, onDone }: { id: string; name: string; onDone: () => void }) {
  const refresh = useRefresh();
  const [next, setNext] = useState(name);
  const form = useSubmit(async () => {
    await inPortal((options) => Organizations.Save(id, { Name: next.trim() }, options));
    renamed(id, next.trim());
    await refresh();
    onDone();
  });
  return (
    <SubmitForm form={form} action="Rename it" onCancel={onDone}>
      <TextInput label="Name" required value={next} onChange={(event) => setNext(event.currentTarget.value)} data-autofocus />
    </SubmitForm>
  );
}

function Copied({ text, of }: { text: string; of: string }) {
  return (
    <Group component="span" gap={4} wrap="nowrap">
      <span className="any-text">{text}</span>
      <Copy text={text} of={of} />
    </Group>
  );
}
