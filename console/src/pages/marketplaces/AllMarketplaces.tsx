import { ActionIcon, Alert, Anchor, Button, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { CurrentUser, Organizations } from "@ordercloud/portal-javascript-sdk";
import { IconChevronRight, IconPlus, IconSettings } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { Mark, Names } from "../../parts/ItemRow";
import classes from "../../parts/ItemRow.module.css";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { Trouble } from "../../parts/Trouble";
import { useSubmit } from "../../parts/useSubmit";
import { usePortal } from "../../session/account";
import { type Organization, actIn, inPortal } from "../../session/portal";
import { NewMarketplace } from "./NewMarketplace";

/** Marketplaces that are shown at once. */
const FEW = 50;

/** Which marketplace somebody of the portal wants to be in; a new one, too. */
export function AllMarketplaces() {
  const { key } = usePortal();
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 200);
  const [making, maker] = useDisclosure();
  const found = useQuery({
    queryKey: [...key, "organizations", search],
    queryFn: () => inPortal((options) => Organizations.List({ pageSize: FEW, ...(search && { search }) }, options)),
    placeholderData: (before) => before,
  });
  return (
    <PageFrame
      narrow
      title="Marketplaces"
      about="Yours, and those that you were given access to. Enter one to call its API."
      actions={
        <Button size="xs" leftSection={<IconPlus size={14} />} onClick={maker.toggle} aria-expanded={making}>
          New
        </Button>
      }
    >
      <Stack gap="md">
        <Invited />
        {making && <NewMarketplace />}
        <TextInput
          type="search"
          aria-label="Search marketplaces"
          placeholder="Search"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
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
    </PageFrame>
  );
}

function Invited() {
  const { key } = usePortal();
  const found = useQuery({
    queryKey: [...key, "invitations", "marketplaces"],
    queryFn: async () => (await inPortal((options) => CurrentUser.ListOrgInvites(options))) as unknown as { Items: unknown[] },
  });
  const count = found.data?.Items.length ?? 0;
  if (count === 0) return null;
  return (
    <Alert color="blue" c="var(--mantine-color-text)">
      <Anchor component={Link} to="/invitations" underline="always" size="sm">
        {count === 1 ? "You are invited to a marketplace" : `You are invited to ${count} marketplaces`}
      </Anchor>
    </Alert>
  );
}

/** Enters it. The page that somebody was about to see comes up; from here, the start. */
function useEntering(organization: Organization) {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  return useSubmit(async () => {
    await actIn(organization);
    if (pathname.startsWith("/marketplaces")) navigate("/");
  });
}

function Row({ organization }: { organization: Organization }) {
  const entering = useEntering(organization);
  return (
    <>
      <div className={`${classes.row} ${classes.entered}`}>
        <UnstyledButton className={classes.button} onClick={() => void entering.run()} disabled={entering.busy}>
          <Names name={organization.Name} about={organization.Id} />
          <Mark>{organization.Environment}</Mark>
          <Text span size="sm" c="dimmed">
            {organization.Region?.Name ?? organization.Region?.Id}
          </Text>
          <IconChevronRight size={16} aria-hidden />
        </UnstyledButton>
        <ActionIcon
          component={Link}
          to={`/marketplaces/${organization.Id}`}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={`People and rights of ${organization.Name}`}
        >
          <IconSettings size={18} stroke={1.6} />
        </ActionIcon>
      </div>
      {entering.error !== undefined && <Trouble error={entering.error} />}
    </>
  );
}
