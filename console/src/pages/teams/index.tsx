import { Button, Checkbox, Paper, Stack, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Teams } from "@ordercloud/portal-javascript-sdk";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { ItemRow, Mark, Rows } from "../../parts/ItemRow";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { Pager } from "../../parts/Pager";
import { NameAndId } from "../../parts/inputs";
import { SubmitForm } from "../../parts/SubmitForm";
import { useSubmit } from "../../parts/useSubmit";
import { useAccount, usePortal, useRefresh } from "../../session/account";
import { inPortal } from "../../session/portal";
import { OneTeam } from "./OneTeam";

const FEW = 20;

/** The account's teams, and one of them (PORT-11). */
export default function TeamsPage() {
  const id = useParams()["*"] ?? "";
  return id === "" ? <AllTeams /> : <OneTeam key={id} id={id} />;
}

function AllTeams() {
  const { key } = usePortal();
  const me = useAccount();
  const [making, maker] = useDisclosure();
  const [page, setPage] = useState(1);
  const found = useQuery({
    queryKey: [...key, "teams", page],
    queryFn: () => inPortal((options) => Teams.List({ page, pageSize: FEW }, options)),
    placeholderData: (before) => before,
  });
  return (
    <PageFrame
      narrow
      title="Teams"
      about="Accounts that get access to marketplaces together."
      actions={
        <Button size="xs" leftSection={<IconPlus size={14} />} onClick={maker.toggle} aria-expanded={making}>
          New
        </Button>
      }
    >
      <Stack>
        {making && <NewTeam />}
        <Loaded query={found} what="The teams are on their way">
          {({ Items, Meta }) => (
            <>
              <Rows none="You are in none. Make one, or wait for an invitation.">
                {Items.map((team) => (
                  <ItemRow
                    key={team.Id}
                    name={team.Name}
                    about={team.Id}
                    marks={<Mark>{team.Owner?.Username === me.data?.Username ? "yours" : `of ${team.Owner?.Username}`}</Mark>}
                    actions={
                      <Button component={Link} to={`/teams/${team.Id}`} size="xs" variant="default" aria-label={`Open ${team.Name}`}>
                        Open
                      </Button>
                    }
                  />
                ))}
              </Rows>
              <Pager pages={Meta.TotalPages} page={page} onChange={setPage} />
            </>
          )}
        </Loaded>
      </Stack>
    </PageFrame>
  );
}

function NewTeam() {
  const navigate = useNavigate();
  const refresh = useRefresh();
  const [name, setName] = useState("");
  const [id, setId] = useState("");
  const [hidden, setHidden] = useState(false);
  const form = useSubmit(async () => {
    const Id = id.trim() || crypto.randomUUID();
    await inPortal((options) => Teams.Save(Id, { Id, Name: name.trim(), ExcludeFromSearch: hidden }, options));
    await refresh();
    navigate(`/teams/${Id}`);
  });
  return (
    <Paper withBorder p="md" component="section" aria-label="A new team">
      <Title order={2} size="h4" mb="sm">
        A new team
      </Title>
      <SubmitForm form={form} action="Make it">
        <NameAndId name={name} onName={setName} id={id} onId={setId} />
        <Checkbox label="Not found by who looks for teams" checked={hidden} onChange={(event) => setHidden(event.currentTarget.checked)} />
      </SubmitForm>
    </Paper>
  );
}
