import { Group, Stack, Text } from "@mantine/core";
import { Organizations } from "@ordercloud/portal-javascript-sdk";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ItemRow, Rows } from "../../parts/ItemRow";
import { Loaded } from "../../parts/Loaded";
import { Pager } from "../../parts/Pager";
import { usePortal } from "../../session/account";
import { inPortal } from "../../session/portal";
import type { Contributor } from "../../session/rights";
import { RightsMarks } from "./RightsMarks";

const FEW = 20;

/** Who looks after it beside its owner, with all that each was given, by himself and in teams. */
export function InSum({ id }: { id: string }) {
  const { key } = usePortal();
  const [page, setPage] = useState(1);
  const found = useQuery({
    queryKey: [...key, "organization", id, "contributors", page],
    queryFn: () => inPortal((options) => Organizations.ListContributors(id, { page, pageSize: FEW }, options)),
    placeholderData: (before) => before,
  });
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        What each of them may do, by what was given to the account and to its teams.
      </Text>
      <Loaded query={found}>
        {({ Items, Meta }) => (
          <>
            <Rows none="Nobody but the owner.">
              {(Items as unknown as Contributor[]).map(({ User, InheritedRoles, ...rights }) => (
                <ItemRow
                  key={User.Username}
                  name={User.Name || User.Username}
                  about={[User.Username, User.Email].filter(Boolean).join(", ")}
                  marks={
                    <Group gap={6}>
                      <RightsMarks rights={{ ...rights, Roles: InheritedRoles }} />
                    </Group>
                  }
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
