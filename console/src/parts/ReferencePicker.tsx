import { Autocomplete, type AutocompleteProps, TagsInput, type TagsInputProps, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Api, useApi } from "../api/useApi";

interface Props extends Omit<AutocompleteProps, "data" | "value" | "onChange"> {
  /** A list of the API by its path on the host, with a query or without: "/v1/buyers". Without a list it is a plain field. */
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
  const [touched, setTouched] = useState(false);
  const names = useFound(list, value, touched);
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
      renderOption={({ option }) => <Option id={option.value} name={names.get(option.value)} />}
    />
  );
}

interface SeveralProps extends Omit<TagsInputProps, "data" | "value" | "onChange"> {
  list: string | undefined;
  value: string[];
  onChange: (value: string[]) => void;
}

/** Several IDs of one list. */
export function ReferencesPicker({ list, value, onChange, ...others }: SeveralProps) {
  const [touched, setTouched] = useState(false);
  const [typed, setTyped] = useState("");
  const names = useFound(list, typed, touched);
  return (
    <TagsInput
      {...others}
      value={value}
      onChange={onChange}
      searchValue={typed}
      onSearchChange={setTyped}
      onFocus={() => setTouched(true)}
      data={[...names.keys()]}
      filter={({ options }) => options}
      maxDropdownHeight={280}
      clearable
      renderOption={({ option }) => <Option id={option.value} name={names.get(option.value)} />}
    />
  );
}

function Option({ id, name }: { id: string; name: string | undefined }) {
  return (
    <div className="any-text">
      <Text size="sm">{id}</Text>
      {name !== undefined && (
        <Text size="xs" c="dimmed">
          {name}
        </Text>
      )}
    </div>
  );
}

/** Names by ID of what a search finds, once somebody is at the field. */
function useFound(list: string | undefined, typed: string, touched: boolean): Map<string, string | undefined> {
  const api = useApi();
  const [search] = useDebouncedValue(typed, 200);
  const found = useQuery({
    queryKey: [api.key, "references", list, search],
    queryFn: () => things(api, list ?? "", search),
    enabled: touched && list !== undefined,
    placeholderData: (before) => before,
    // Who may not see the list types the ID.
    retry: false,
  });
  return new Map((found.data ?? []).map((each) => [each.ID, each.Name]));
}

async function things(api: Api, list: string, search: string): Promise<Thing[]> {
  const query = new URLSearchParams({ pageSize: String(FEW), ...(search && { search }) });
  const answer = await api.send(`${list}${list.includes("?") ? "&" : "?"}${query}`);
  if (!answer.ok) return [];
  const { Items } = (await answer.json()) as { Items?: Record<string, unknown>[] };
  const all = (Items ?? []).flatMap((item): Thing[] => {
    const { ID } = item;
    const name = item.Name ?? item.AppName ?? item.Username ?? item.Description ?? item.FromUserID;
    return typeof ID === "string" ? [{ ID, ...(typeof name === "string" && name !== ID && { Name: name }) }] : [];
  });
  return [...new Map(all.map((each) => [each.ID, each])).values()];
}
