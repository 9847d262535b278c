import { Autocomplete, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { PortalUsers, Teams } from "@ordercloud/portal-javascript-sdk";
import { useQuery } from "@tanstack/react-query";
import { usePortal } from "../session/account";
import { inPortal } from "../session/portal";

const FEW = 20;

interface Props {
  /** Accounts by username, or teams by ID. */
  of: "accounts" | "teams";
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** Somebody of the portal, typed or found by name. */
export function PersonPicker({ of, label, value, onChange }: Props) {
  const { key } = usePortal();
  const [search] = useDebouncedValue(value.trim(), 250);
  const found = useQuery({
    queryKey: [...key, "search", of, search],
    queryFn: () => (of === "accounts" ? accounts(search) : teams(search)),
    enabled: search !== "",
    placeholderData: (before) => before,
  });
  const names = new Map(found.data ?? []);
  return (
    <Autocomplete
      label={label}
      description={of === "accounts" ? "Who has an account on this server." : "Teams that may be found; others by their ID."}
      required
      value={value}
      onChange={onChange}
      data={[...names.keys()]}
      filter={({ options }) => options}
      maxDropdownHeight={240}
      spellCheck={false}
      autoComplete="off"
      autoFocus
      data-autofocus
      renderOption={({ option }) => (
        <div className="any-text">
          <Text size="sm">{option.value}</Text>
          {names.get(option.value) && (
            <Text size="xs" c="dimmed">
              <bdi>{names.get(option.value)}</bdi>
            </Text>
          )}
        </div>
      )}
    />
  );
}

async function accounts(search: string): Promise<[string, string][]> {
  const { Items } = await inPortal((options) => PortalUsers.List({ search, pageSize: FEW }, options));
  return Items.map(({ Username, Name }) => [Username, Name]);
}

async function teams(search: string): Promise<[string, string][]> {
  const { Items } = await inPortal((options) => Teams.Search({ search, pageSize: FEW }, options));
  return Items.map(({ Id, Name }) => [Id, Name]);
}
