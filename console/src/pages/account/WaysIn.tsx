import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CurrentUser } from "@ordercloud/portal-javascript-sdk";
import { Mark, ItemRow, Rows } from "../../parts/ItemRow";
import { Loaded } from "../../parts/Loaded";
import { SureButton } from "../../parts/SureButton";
import { useSubmit } from "../../parts/useSubmit";
import { usePortal, useRefresh } from "../../session/account";
import { ELSEWHERE, leaveFor } from "../../session/elsewhere";
import { inPortal } from "../../session/portal";
import { renewAll } from "../../session/tokens";

const PASSWORD = "Password";

/** The names of the ways in which the account signs in. */
function useWaysIn() {
  const { key } = usePortal();
  return useQuery({
    queryKey: [...key, "ways"],
    // The SDK's type knows no list, which the answer is.
    queryFn: async () => (await inPortal((options) => CurrentUser.ListAccounts(options))) as unknown as { Name: string }[],
  });
}

/** GitHub and Google, linked or to be linked, and the password beside them (PORT-3). offered: what the server has of them. */
export function WaysIn({ offered }: { offered: string[] }) {
  return (
    <Loaded query={useWaysIn()}>
      {(ways) => {
        const held = ways.map(({ Name }) => Name);
        const all = [PASSWORD, ...offered, ...held].filter((name, at, names) => names.indexOf(name) === at);
        return (
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              One of them remains. Where one is removed, your sessions elsewhere end.
            </Text>
            <Rows none="">
              {all.map((name) => (
                <Way key={name} name={name} held={held.includes(name)} />
              ))}
            </Rows>
          </Stack>
        );
      }}
    </Loaded>
  );
}

function Way({ name, held }: { name: string; held: boolean }) {
  const refresh = useRefresh();
  const spoken = ELSEWHERE[name] ?? name;
  const linking = useSubmit(async () => {
    const { RedirectUrl } = await inPortal((options) => CurrentUser.LinkAccount(name, options));
    leaveFor(RedirectUrl);
  });
  async function remove(): Promise<void> {
    await inPortal((options) => CurrentUser.RemoveAccount(name, options));
    await renewAll();
    await refresh();
  }
  return (
    <ItemRow
      name={spoken}
      {...(name === PASSWORD && !held && { about: "None: sign out and choose Forgotten your password? to set one." })}
      {...(held && { marks: <Mark color="green">{name === PASSWORD ? "set" : "linked"}</Mark> })}
      actions={
        held ? (
          <SureButton action="Remove" of={spoken} work={remove} />
        ) : (
          name !== PASSWORD && (
            <Button size="xs" variant="default" loading={linking.busy} onClick={() => void linking.run()}>
              Link {spoken}
            </Button>
          )
        )
      }
      {...(linking.error !== undefined && { error: linking.error })}
    />
  );
}
