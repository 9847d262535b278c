import { Button, Group, Stack, Title } from "@mantine/core";
import { CurrentUser } from "@ordercloud/portal-javascript-sdk";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ItemRow, Mark, Rows } from "../../parts/ItemRow";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { useSubmit } from "../../parts/useSubmit";
import { usePortal, useRefresh } from "../../session/account";
import { type PortalOptions, inPortal } from "../../session/portal";

interface Invited {
  Id: string;
  Name: string;
  Owner?: { Username: string; Name?: string };
}

interface ToMarketplace {
  Org: Invited;
  Roles: string[];
  IsAdmin: boolean;
  /** The marketplace itself is offered. */
  IsOwner?: boolean;
  Team?: { Id: string; Name: string };
}

interface ListOf<T> {
  Items: T[];
}

/** What the account, and the teams that it administers, are invited to (PORT-10, PORT-11). */
export default function Invitations() {
  const { key } = usePortal();
  const marketplaces = useQuery({
    queryKey: [...key, "invitations", "marketplaces"],
    queryFn: async () => (await inPortal((options) => CurrentUser.ListOrgInvites(options))) as unknown as ListOf<ToMarketplace>,
  });
  const teams = useQuery({
    queryKey: [...key, "invitations", "teams"],
    queryFn: async () => (await inPortal((options) => CurrentUser.ListTeamInvites(options))) as unknown as ListOf<Invited>,
  });
  const ofTeams = useQuery({
    queryKey: [...key, "invitations", "of teams"],
    queryFn: async () => (await inPortal((options) => CurrentUser.ListOrgTeamInvites(options))) as unknown as ListOf<ToMarketplace>,
  });
  return (
    <PageFrame narrow title="Invitations" about="Until you accept one, neither side sees more of the other than a name.">
      <Part title="To marketplaces" query={marketplaces}>
        {(each) => (
          <Row
            key={each.Org.Id}
            name={each.Org.Name}
            about={from(each.Org)}
            rights={rights(each)}
            accept={(options) => CurrentUser.AcceptOrgInvite(each.Org.Id, options)}
            decline={(options) => CurrentUser.DeclineOrgInvite(each.Org.Id, options)}
          />
        )}
      </Part>
      <Part title="To teams" query={teams}>
        {(each) => (
          <Row
            key={each.Id}
            name={each.Name}
            about={from(each)}
            accept={(options) => CurrentUser.AcceptTeamInvite(each.Id, options)}
            decline={(options) => CurrentUser.DeclineTeamInvite(each.Id, options)}
          />
        )}
      </Part>
      <Part title="Of your teams, to marketplaces" query={ofTeams}>
        {(each) => (
          <Row
            key={`${each.Team?.Id} ${each.Org.Id}`}
            name={each.Org.Name}
            about={`${each.Org.Id}, for the team ${each.Team?.Name ?? ""}`}
            rights={rights(each)}
            accept={(options) => CurrentUser.AcceptOrgTeamInvite(each.Team?.Id ?? "", each.Org.Id, options)}
            decline={(options) => CurrentUser.DeclineOrgTeamInvite(each.Team?.Id ?? "", each.Org.Id, options)}
          />
        )}
      </Part>
    </PageFrame>
  );
}

function from({ Id, Owner }: Invited): string {
  return Owner === undefined ? Id : `${Id}, of ${Owner.Name || Owner.Username}`;
}

function rights({ Roles, IsAdmin, IsOwner }: ToMarketplace): string {
  if (IsOwner === true) return "to own it";
  const roles = Roles.length === 1 ? (Roles[0] ?? "") : `${Roles.length} roles`;
  return IsAdmin ? `administrator, ${roles}` : roles;
}

function Part<T>({ title, query, children }: { title: string; query: UseQueryResult<ListOf<T>>; children: (each: T) => ReactNode }) {
  return (
    <Stack component="section" gap="xs" aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Loaded query={query}>
        {({ Items }) => <Rows none="None.">{Items.map(children)}</Rows>}
      </Loaded>
    </Stack>
  );
}

interface RowProps {
  name: string;
  about: string;
  rights?: string;
  accept: (options: PortalOptions) => Promise<void>;
  decline: (options: PortalOptions) => Promise<void>;
}

function Row({ name, about, rights: given, accept, decline }: RowProps) {
  const refresh = useRefresh();
  const yes = useSubmit(async () => {
    await inPortal(accept);
    await refresh();
  });
  const no = useSubmit(async () => {
    await inPortal(decline);
    await refresh();
  });
  return (
    <ItemRow
      name={name}
      about={about}
      marks={given && <Mark>{given}</Mark>}
      actions={
        <Group gap="xs" wrap="nowrap">
          <Button size="xs" loading={yes.busy} onClick={() => void yes.run()} aria-label={`Accept ${name}`}>
            Accept
          </Button>
          <Button size="xs" variant="default" loading={no.busy} onClick={() => void no.run()} aria-label={`Decline ${name}`}>
            Decline
          </Button>
        </Group>
      }
      error={yes.error ?? no.error}
    />
  );
}
