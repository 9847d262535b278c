import { Button, Checkbox, Group, Modal, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Teams } from "@ordercloud/portal-javascript-sdk";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { ItemRow, Mark, Rows } from "../../parts/ItemRow";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { PersonPicker } from "../../parts/PersonPicker";
import { SubmitForm } from "../../parts/SubmitForm";
import { useSubmit } from "../../parts/useSubmit";
import { useAccount, usePortal, useRefresh } from "../../session/account";
import { type Organization, inPortal } from "../../session/portal";
import { renewAll } from "../../session/tokens";
import { type Member, Members } from "./Members";

type Team = Awaited<ReturnType<typeof Teams.Get>>;

/** One team: its members, and the marketplaces that it was given access to. At most five calls. */
export function OneTeam({ id }: { id: string }) {
  const { key } = usePortal();
  const me = useAccount();
  const username = me.data?.Username;
  const team = useQuery({ queryKey: [...key, "team", id], queryFn: () => inPortal((options) => Teams.Get(id, options)) });
  const own = useQuery({
    queryKey: [...key, "team", id, "own membership"],
    queryFn: async () => (await inPortal((options) => Teams.GetMember(id, username ?? "", options))) as unknown as Member,
    enabled: username !== undefined,
  });
  const isOwner = username !== undefined && team.data?.Owner?.Username === username;
  const isAdmin = isOwner || own.data?.IsAdmin === true;
  return (
    <PageFrame
      narrow
      title={team.data?.Name ?? id}
      about={<>The team {id}.</>}
      actions={
        <>
          <Button component={Link} to="/teams" variant="default" size="xs" leftSection={<IconArrowLeft size={14} />}>
            All teams
          </Button>
          {isAdmin && team.data && <Rename team={team.data} />}
        </>
      }
    >
      <Loaded query={team} what="The team is on its way">
        {(found) => (
          <Stack gap="lg">
            <Members team={id} owner={found.Owner?.Username} isAdmin={isAdmin} username={username} />
            <Access id={id} />
            {isOwner && <GivingUp team={found} />}
          </Stack>
        )}
      </Loaded>
    </PageFrame>
  );
}

function Rename({ team }: { team: Team }) {
  const [opened, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const [name, setName] = useState(team.Name);
  const [hidden, setHidden] = useState(team.ExcludeFromSearch === true);
  const form = useSubmit(async () => {
    await inPortal((options) => Teams.Save(team.Id, { Id: team.Id, Name: name.trim(), ExcludeFromSearch: hidden }, options));
    await refresh();
    close();
  });
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Rename
      </Button>
      <Modal opened={opened} onClose={close} title="Rename the team">
        <SubmitForm form={form} action="Save" onCancel={close}>
          <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
          <Checkbox label="Not found by who looks for teams" checked={hidden} onChange={(event) => setHidden(event.currentTarget.checked)} />
        </SubmitForm>
      </Modal>
    </>
  );
}

interface Access {
  Org: Organization;
  Roles: string[];
  IsAdmin: boolean;
  Accepted: boolean;
}

function Access({ id }: { id: string }) {
  const { key } = usePortal();
  const found = useQuery({
    queryKey: [...key, "team", id, "access"],
    queryFn: () => inPortal((options) => Teams.ListOrganizations(id, { pageSize: 100 }, options)),
  });
  return (
    <Stack component="section" gap="xs" aria-label="Marketplaces">
      <Title order={2} size="h4">
        Marketplaces
      </Title>
      <Text size="sm" c="dimmed">
        Who administers a marketplace gives the team access on the marketplace's page; invitations are accepted under Invitations.
      </Text>
      <Loaded query={found}>
        {({ Items }) => (
          <Rows none="None yet.">
            {(Items as unknown as Access[]).map(({ Org, Roles, IsAdmin, Accepted }) => (
              <ItemRow
                key={Org.Id}
                name={Org.Name}
                about={Org.Id}
                marks={
                  <Group gap={6}>
                    {!Accepted && <Mark color="orange">invited</Mark>}
                    {IsAdmin && <Mark>administrator</Mark>}
                    <Mark color="gray">{Roles.length === 1 ? Roles[0] : `${Roles.length} roles`}</Mark>
                  </Group>
                }
                actions={
                  Accepted && (
                    <Button component={Link} to={`/marketplaces/${Org.Id}`} size="xs" variant="default" aria-label={`Open ${Org.Name}`}>
                      Open
                    </Button>
                  )
                }
              />
            ))}
          </Rows>
        )}
      </Loaded>
    </Stack>
  );
}

function GivingUp({ team }: { team: Team }) {
  const navigate = useNavigate();
  const refresh = useRefresh();
  const [step, setStep] = useState<"give" | "delete">();
  const [who, setWho] = useState("");
  const giving = useSubmit(async () => {
    await inPortal((options) => Teams.Transfer(team.Id, { Username: who.trim() }, options));
    setStep(undefined);
    await refresh();
  });
  const deleting = useSubmit(async () => {
    await inPortal((options) => Teams.Delete(team.Id, options));
    await renewAll();
    await refresh("gone");
    navigate("/teams");
  });
  return (
    <Paper withBorder p="md" component="section" aria-label="Giving it up">
      <Title order={2} size="h4" mb="sm">
        Giving it up
      </Title>
      {step === undefined && (
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => setStep("give")}>
            Give it to a member
          </Button>
          <Button size="xs" variant="outline" color="red" c="var(--mantine-color-error)" onClick={() => setStep("delete")}>
            Delete it
          </Button>
        </Group>
      )}
      {step === "give" && (
        <SubmitForm form={giving} action="Give it away" dangerous disabled={who.trim() === ""} onCancel={() => setStep(undefined)}>
          <PersonPicker of="accounts" label="Member" value={who} onChange={setWho} />
          <Text size="sm">You stay a member, and an administrator.</Text>
        </SubmitForm>
      )}
      {step === "delete" && (
        <SubmitForm form={deleting} action="Delete it for good" dangerous onCancel={() => setStep(undefined)}>
          <Text size="sm">Its members lose what it was given; their tokens end.</Text>
        </SubmitForm>
      )}
    </Paper>
  );
}
