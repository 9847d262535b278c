import { Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { ApiClients, Organizations } from "@ordercloud/portal-javascript-sdk";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { SubmitForm } from "../parts/SubmitForm";
import { Trouble } from "../parts/Trouble";
import { useSubmit } from "../parts/useSubmit";
import { actIn, inPortal } from "../session/portal";

/** Another user of the marketplace: an API client of it, then a user whom this admits (CON-1). */
export function UserPicker({ organization, onDone }: { organization: string; onDone: () => void }) {
  const [clientid, setClient] = useState<string | null>(null);
  const [username, setUser] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  const [wanted] = useDebouncedValue(search, 250);
  const form = useSubmit(async () => {
    const chosen = await inPortal((options) => Organizations.Get(organization, options));
    await actIn(chosen, clientid === null || username === null ? {} : { clientid, username });
    onDone();
  });
  const clients = useQuery({
    queryKey: ["portal", organization, "clients"],
    queryFn: () => inPortal((options) => ApiClients.List(organization, { pageSize: 100 }, options)),
  });
  const users = useQuery({
    queryKey: ["portal", organization, "users", clientid, wanted],
    queryFn: () =>
      inPortal((options) =>
        ApiClients.ListUsers(organization, clientid ?? "", { pageSize: 50, ...(wanted && { search: wanted }) }, options),
      ),
    enabled: clientid !== null,
    placeholderData: (before) => before,
  });
  const names = new Set([...(username === null ? [] : [username]), ...(users.data?.Items ?? []).map((user) => user.Username)]);

  return (
    <SubmitForm form={form} action="Act as this user" disabled={clientid !== null && username === null}>
      <Select
        label="API client"
        placeholder="None: your own default user"
        data={(clients.data?.Items ?? []).map((each) => ({ value: each.Id, label: each.AppName || each.Id }))}
        value={clientid}
        onChange={(next) => {
          setClient(next);
          setUser(null);
        }}
        searchable
        clearable
      />
      <Select
        label="User"
        disabled={clientid === null}
        required={clientid !== null}
        data={[...names]}
        value={username}
        onChange={setUser}
        searchable
        onSearchChange={setSearch}
        filter={({ options }) => options}
        nothingFoundMessage={users.isFetching ? "Searching" : "This client admits nobody of that name"}
        maxDropdownHeight={240}
      />
      {[clients.error, users.error].map(
        (each, index) => each != null && <Trouble key={index} error={each} />,
      )}
      <Text size="sm" c="dimmed">
        The token has the roles that this user and you both have.
      </Text>
    </SubmitForm>
  );
}
