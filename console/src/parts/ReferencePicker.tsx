import { Autocomplete, type AutocompleteProps, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Api, useApi } from "../api/useApi";

interface Props extends Omit<AutocompleteProps, "data" | "value" | "onChange"> {
  /** A list of the API by its path on the host: "/v1/buyers". Without one it is a plain field. */
  list: string | undefined;
  value: string;
  onChange: (value: string) => void;
}

interface Thing {
  ID: string;
  Name?: string;
}

const FEW = 20;

/** An ID, typed or found: searches the list of what it refers to once somebody is at it. */
export function ReferencePicker({ list, value, onChange, ...others }: Props) {
  const api = useApi();
  const [touched, setTouched] = useState(false);
  const [search] = useDebouncedValue(value, 200);
  const found = useQuery({
    queryKey: [api.key, "references", list, search],
    queryFn: () => things(api, list ?? "", search),
    enabled: touched && list !== undefined,
    placeholderData: (before) => before,
    // Who may not see the list types the ID.
    retry: false,
  });
  const names = new Map((found.data ?? []).map((each) => [each.ID, each.Name]));
  return (
    <Autocomplete
      {...others}
      value={value}
      onChange={onChange}
      onFocus={() => setTouched(true)}
      data={[...names.keys()]}
      filter={({ options }) => options}
      maxDropdownHeight={280}
      spellCheck={false}
      autoComplete="off"
      renderOption={({ option }) => (
        <div className="any-text">
          <Text size="sm">{option.value}</Text>
          {names.get(option.value) !== undefined && (
            <Text size="xs" c="dimmed">
              {names.get(option.value)}
            </Text>
          )}
        </div>
      )}
    />
  );
}

async function things(api: Api, list: string, search: string): Promise<Thing[]> {
  const query = new URLSearchParams({ pageSize: String(FEW), ...(search && { search }) });
  const answer = await api.send(`${list}?${query}`);
  if (!answer.ok) return [];
  const { Items } = (await answer.json()) as { Items?: Record<string, unknown>[] };
  const all = (Items ?? []).flatMap((item): Thing[] => {
    const { ID } = item;
    const name = item.Name ?? item.AppName ?? item.Username ?? item.Description;
    return typeof ID === "string" ? [{ ID, ...(typeof name === "string" && name !== ID && { Name: name }) }] : [];
  });
  return [...new Map(all.map((each) => [each.ID, each])).values()];
}
