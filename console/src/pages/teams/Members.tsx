import { Button, Group, Stack, Title } from "@mantine/core";
import { Teams } from "@ordercloud/portal-javascript-sdk";
import { IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ItemRow, Mark, Rows } from "../../parts/ItemRow";
import { Loaded } from "../../parts/Loaded";
import { Pager } from "../../parts/Pager";
import { PersonPicker } from "../../parts/PersonPicker";
import { SubmitForm } from "../../parts/SubmitForm";
import { SureButton } from "../../parts/SureButton";
import { useSubmit } from "../../parts/useSubmit";
import { usePortal, useRefresh } from "../../session/account";
import { inPortal } from "../../session/portal";
import type { Known } from "../../session/rights";
import { renewAll } from "../../session/tokens";

const FEW = 20;

export interface Member {
  User: Known;
  IsAdmin: boolean;
  Accepted: boolean;
}

interface Props {
  team: string;
  owner: string | undefined;
  isAdmin: boolean;
  username: string | undefined;
}

/** Who is in a team, or invited; its administrators invite, promote and remove. */
export function Members({ team, owner, isAdmin, username }: Props) {
  const { key } = usePortal();
  const [page, setPage] = useState(1);
  const [inviting, setInviting] = useState(false);
  const found = useQuery({
    queryKey: [...key, "team", team, "members", page],
    queryFn: () => inPortal((options) => Teams.ListMember(team, { page, pageSize: FEW }, options)),
    placeholderData: (before) => before,
  });
  return (
    <Stack component="section" gap="xs" aria-label="Members">
      <Group justify="space-between">
        <Title order={2} size="h4">
          Members
        </Title>
        {isAdmin && !inviting && (
          <Button size="xs" variant="light" leftSection={<IconUserPlus size={14} />} onClick={() => setInviting(true)}>
            Invite somebody
          </Button>
        )}
      </Group>
      {inviting && <Invite team={team} onDone={() => setInviting(false)} />}
      <Loaded query={found} what="The members are on their way">
        {({ Items, Meta }) => (
          <>
            <Rows none="Nobody.">
              {(Items as unknown as Member[]).map((member) => (
                <Row
                  key={member.User.Username}
                  team={team}
                  member={member}
                  isOwner={member.User.Username === owner}
                  isAdmin={isAdmin}
                  isSelf={member.User.Username === username}
                />
              ))}
            </Rows>
            <Pager pages={Meta.TotalPages} page={page} onChange={setPage} />
          </>
        )}
      </Loaded>
    </Stack>
  );
}

function Invite({ team, onDone }: { team: string; onDone: () => void }) {
  const refresh = useRefresh();
  const [who, setWho] = useState("");
  const form = useSubmit(async () => {
    await inPortal((options) => Teams.InviteMember(team, { Username: who.trim() }, options));
    await refresh();
    onDone();
  });
  return (
    <SubmitForm form={form} action="Invite" disabled={who.trim() === ""} onCancel={onDone}>
      <PersonPicker of="accounts" label="Username" value={who} onChange={setWho} />
    </SubmitForm>
  );
}

interface RowProps {
  team: string;
  member: Member;
  isOwner: boolean;
  isAdmin: boolean;
  isSelf: boolean;
}

function Row({ team, member, isOwner, isAdmin, isSelf }: RowProps) {
  const refresh = useRefresh();
  const navigate = useNavigate();
  const { User: user, IsAdmin, Accepted } = member;
  const name = user.Name || user.Username;
  const promoting = useSubmit(async () => {
    const next = { IsAdmin: !IsAdmin };
    await inPortal((options) => Teams.SaveMember(team, user.Username, next, options));
    await refresh();
  });
  async function remove(): Promise<void> {
    await inPortal((options) => Teams.DeleteMember(team, user.Username, options));
    await renewAll();
    await refresh(isSelf ? "gone" : undefined);
    if (isSelf) navigate("/teams");
  }
  const promotion = IsAdmin ? "Make a plain member" : "Make an administrator";
  const removal = isSelf ? "Leave" : Accepted ? "Remove" : "Withdraw";
  return (
    <ItemRow
      name={name}
      about={[user.Username, user.Email].filter(Boolean).join(", ")}
      marks={
        <Group gap={6}>
          {isOwner && <Mark>owner</Mark>}
          {IsAdmin && !isOwner && <Mark>administrator</Mark>}
          {!Accepted && <Mark color="orange">invited</Mark>}
        </Group>
      }
      actions={
        !isOwner && (
          <Group gap="xs">
            {isAdmin && (
              <Button
                size="xs"
                variant="default"
                loading={promoting.busy}
                onClick={() => void promoting.run()}
                aria-label={`${promotion}: ${name}`}
              >
                {promotion}
              </Button>
            )}
            {(isAdmin || isSelf) && <SureButton action={removal} of={name} work={remove} />}
          </Group>
        )
      }
      error={promoting.error}
    />
  );
}
