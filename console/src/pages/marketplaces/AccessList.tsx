import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { Organizations } from "@ordercloud/portal-javascript-sdk";
import { IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ItemRow, Mark, Rows } from "../../parts/ItemRow";
import { Loaded } from "../../parts/Loaded";
import { Pager } from "../../parts/Pager";
import { SureButton } from "../../parts/SureButton";
import { usePortal, useRefresh } from "../../session/account";
import { type Organization, inPortal } from "../../session/portal";
import type { Given } from "../../session/rights";
import { renewAll } from "../../session/tokens";
import { AccessForm } from "./AccessForm";
import { RightsMarks } from "./RightsMarks";

const FEW = 20;

export type Of = "accounts" | "teams";

interface Props {
  organization: Organization;
  of: Of;
  /** Whether who looks at it may change it. */
  isAdmin: boolean;
  /** Whose page it is. */
  username: string | undefined;
}

/** Accounts or teams that were given access to a marketplace, or are invited; who may change that does so here (PORT-10). */
export function AccessList({ organization, of, isAdmin, username }: Props) {
  const { key } = usePortal();
  const [page, setPage] = useState(1);
  // "": a new one.
  const [changing, setChanging] = useState<Given | "">();
  const found = useQuery({
    queryKey: [...key, "organization", organization.Id, of, page],
    queryFn: () =>
      inPortal(async (options) => {
        const asked = { page, pageSize: FEW };
        return of === "accounts"
          ? await Organizations.ListUserAssignments(organization.Id, asked, options)
          : await Organizations.ListTeamAssignments(organization.Id, asked, options);
      }),
    placeholderData: (before) => before,
  });
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          {of === "accounts"
            ? "Accounts beside the owner. An invitation holds once it is accepted."
            : "All members of a team may do what it was given. Whoever administers the team accepts it."}
        </Text>
        {isAdmin && (
          <Button size="xs" variant="light" leftSection={<IconUserPlus size={14} />} onClick={() => setChanging("")}>
            {of === "accounts" ? "Invite somebody" : "Invite a team"}
          </Button>
        )}
      </Group>
      <Loaded query={found} what="The list is on its way">
        {({ Items, Meta }) => (
          <>
            <Rows none={of === "accounts" ? "Nobody but the owner." : "No team."}>
              {(Items as unknown as Given[]).map((given) => (
                <Row
                  key={idOf(given)}
                  organization={organization}
                  of={of}
                  given={given}
                  isAdmin={isAdmin}
                  isSelf={username !== undefined && given.User?.Username === username}
                  onChange={() => setChanging(given)}
                />
              ))}
            </Rows>
            <Pager pages={Meta.TotalPages} page={page} onChange={setPage} />
          </>
        )}
      </Loaded>
      <Modal
        opened={changing !== undefined}
        onClose={() => setChanging(undefined)}
        title={changing === "" || changing === undefined ? (of === "accounts" ? "Invite somebody" : "Invite a team") : `Rights of ${nameOf(changing)}`}
        size="lg"
      >
        {changing !== undefined && (
          <AccessForm
            organization={organization}
            of={of}
            given={changing === "" ? undefined : changing}
            onDone={() => setChanging(undefined)}
          />
        )}
      </Modal>
    </Stack>
  );
}

export function idOf(given: Given): string {
  return given.User?.Username ?? given.Team?.Id ?? "";
}

function nameOf(given: Given): string {
  return given.User?.Name || given.User?.Username || given.Team?.Name || idOf(given);
}

interface RowProps {
  organization: Organization;
  of: Of;
  given: Given;
  isAdmin: boolean;
  isSelf: boolean;
  onChange: () => void;
}

function Row({ organization, of, given, isAdmin, isSelf, onChange }: RowProps) {
  const refresh = useRefresh();
  const navigate = useNavigate();
  const name = nameOf(given);
  async function remove(): Promise<void> {
    await inPortal((options) =>
      of === "accounts"
        ? Organizations.DeleteUserAssignment(organization.Id, idOf(given), options)
        : Organizations.DeleteTeamAssignment(organization.Id, idOf(given), options),
    );
    await renewAll();
    await refresh(isSelf ? "gone" : undefined);
    if (isSelf) navigate("/marketplaces");
  }
  const removal = isSelf ? "Leave" : given.Accepted ? "Remove" : "Withdraw";
  return (
    <ItemRow
      name={name}
      about={[idOf(given), given.User?.Email].filter(Boolean).join(", ")}
      marks={
        <Group gap={6}>
          {!given.Accepted && <Mark color="orange">invited</Mark>}
          <RightsMarks rights={given} />
        </Group>
      }
      actions={
        <Group gap="xs">
          {isAdmin && (
            <Button size="xs" variant="default" onClick={onChange} aria-label={`Change the rights of ${name}`}>
              Change
            </Button>
          )}
          {(isAdmin || isSelf) && <SureButton action={removal} of={name} work={remove} />}
        </Group>
      }
    />
  );
}
