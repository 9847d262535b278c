import { ActionIcon, Button, Checkbox, Group, Popover, Progress, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { IconChevronLeft, IconChevronRight, IconColumns3, IconDownload, IconRefresh, IconSearch } from "@tabler/icons-react";
import { type ReactNode, memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Item, type Page, ask } from "../../api/ask";
import type { Document, Operation } from "../../api/document";
import { problemOf } from "../../api/problem";
import { useApi } from "../../api/useApi";
import { Choices } from "../Choice";
import { useSame } from "../steady";
import { Trouble } from "../Trouble";
import { Waiting } from "../Waiting";
import { Filters } from "./Filters";
import { ItemTable } from "./ItemTable";
import type { Cells } from "./Rows";
import { listOfProperty } from "../references";
import { Fold } from "../Fold";
import { Facets } from "./Facets";
import classes from "./Listing.module.css";
import { type Whole, csvHead, csvLines, download, pagesOf } from "./csv";
import { fieldsOf, itemOf, sortable, takes } from "./fields";
import { type Filter, filterable } from "./filters";
import { type Change, type Listing, queryOf } from "./useListing";

interface Props {
  document: Document;
  list: Operation;
  /** The list's path with its parents' IDs. */
  path: string;
  listing: Listing;
  change: Change;
  /** Query parameters of the list's own. */
  more?: Record<string, string>;
  idOf?: (item: Item) => string;
  onOpen?: ((item: Item) => void) | undefined;
  selected?: Set<string> | undefined;
  onSelect?: ((selected: Set<string>) => void) | undefined;
  cells?: Cells;
  /** Milliseconds after which it is asked for again. */
  every?: number | undefined;
  actions?: ReactNode;
  onPage?: (page: Page) => void;
  /** IDs of what the list is of, by parameter. */
  known?: Record<string, string>;
}

const NONE: Record<string, string> = {};
/** On a phone its sign alone is seen. */
const TOOL = { root: classes.tool ?? "", section: classes.sign ?? "", label: classes.word ?? "" };

/** A list of the API as people look through it: search, filters, order, columns, pages, and all of it as a file. One call. */
export function ListView(props: Props) {
  const { document, list, path, listing, change, onPage } = props;
  const api = useApi();
  const more = useSame(props.more ?? NONE);
  const known = useSame(props.known ?? NONE);
  const query = queryOf(listing, more);
  const page = useQuery({
    queryKey: [api.key, path, query],
    queryFn: () => ask<Page>(api, path + query),
    placeholderData: keepPreviousData,
    ...(props.every !== undefined && { refetchInterval: props.every }),
  });
  useEffect(() => {
    if (page.data !== undefined) onPage?.(page.data);
  }, [page.data, onPage]);
  const schema = itemOf(document, list);
  const fields = useMemo(() => (schema === undefined ? [] : fieldsOf(document, schema, true)), [document, schema]);
  const filters = useMemo(() => (schema === undefined ? [] : filterable(document, schema)), [document, schema]);
  const names = useMemo(() => fields.map(({ name }) => name), [fields]);
  const whole = useMemo(() => ({ api, list, path, listing, more }), [api, list, path, listing, more]);
  const filter = useCallback((next: Filter[]) => change({ filters: next }), [change]);
  const listOf = useCallback((field: string) => listOfProperty(document, field, known), [document, known]);
  return (
    <Stack gap="sm">
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          {takes(list, "search") && <Search value={listing.search} change={change} />}
          {takes(list, "filters") && <Filters fields={filters} filters={listing.filters} onChange={filter} listOf={listOf} />}
        </Group>
        <Group gap="xs">
          {props.actions}
          <Columns names={names} columns={listing.columns} change={change} />
          <Export whole={whole} />
          <ActionIcon variant="default" size={30} aria-label="Ask again" onClick={() => void page.refetch()} loading={page.isFetching && !page.isPending}>
            <IconRefresh size={16} />
          </ActionIcon>
        </Group>
      </Group>
      {page.error !== null && <Trouble error={page.error} retry={() => void page.refetch()} />}
      {page.isPending && <Waiting what="The list is on its way" />}
      {page.data !== undefined && page.error === null && (
        <>
          {page.data.Meta.Facets != null && page.data.Meta.Facets.length > 0 && (
            <Fold label="Facets" used={page.data.Meta.Facets.filter(({ XpPath }) => listing.filters.some(({ field }) => field === `xp.${XpPath}`)).length}>
              <Facets facets={page.data.Meta.Facets} filters={listing.filters} onChange={filter} />
            </Fold>
          )}
          <ItemTable
            label={list.resource}
            items={page.data.Items}
            fields={fields}
            columns={listing.columns}
            sort={listing.sort}
            sortable={sortable(list)}
            onSort={(sort) => change({ sort })}
            onOpen={props.onOpen}
            idOf={props.idOf ?? ownID}
            selected={props.selected}
            onSelect={props.onSelect}
            cells={props.cells}
            busy={page.isPlaceholderData}
            narrowed={listing.search !== "" || listing.filters.length > 0 || Object.values(more).some((value) => value !== "")}
          />
          <Pages page={page.data} size={listing.size} byKey={listing.byKey} change={change} />
        </>
      )}
    </Stack>
  );
}

function ownID({ ID }: Item): string {
  return String(ID ?? "");
}

const Search = memo(function Search({ value, change }: { value: string; change: Change }) {
  const [typed, setTyped] = useState(value);
  const later = useDebouncedCallback((search: string) => change({ search }), 300);
  const own = useRef(value);
  useEffect(() => {
    // Somebody else has changed it: the way back, or another list.
    if (value !== own.current) setTyped(value);
    own.current = value;
  }, [value]);
  return (
    <TextInput
      size="xs"
      w={220}
      type="search"
      aria-label="Search"
      placeholder="Search"
      leftSection={<IconSearch size={14} />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        own.current = event.currentTarget.value;
        later(event.currentTarget.value);
      }}
    />
  );
});

const Columns = memo(function Columns({ names, columns, change }: { names: string[]; columns: string[]; change: Change }) {
  const [opened, { toggle, close }] = useDisclosure();
  const [path, setPath] = useState("");
  const all = [...new Set([...names, ...columns])];
  return (
    <Popover opened={opened} onChange={close} position="bottom-end" trapFocus returnFocus shadow="md" width={320}>
      <Popover.Target>
        <Button variant="default" size="xs" classNames={TOOL} leftSection={<IconColumns3 size={14} />} onClick={toggle} aria-expanded={opened}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Choices
            label="Columns"
            choices={all}
            value={columns}
            onChange={(chosen) => chosen.length > 0 && change({ columns: chosen })}
            comboboxProps={{ withinPortal: false }}
          />
          {names.includes("xp") && (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                if (path !== "") change({ columns: [...columns, `xp.${path}`] });
                setPath("");
              }}
            >
              <Group gap="xs" align="flex-end">
                <TextInput label="Of xp" placeholder="Color" value={path} onChange={(event) => setPath(event.currentTarget.value)} flex={1} />
                <Button type="submit" variant="default">
                  Add
                </Button>
              </Group>
            </form>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
});

/** All pages as a file, with a sign of how far it is. */
const Export = memo(function Export({ whole }: { whole: Whole }) {
  const [far, setFar] = useState<{ rows: number; of: number }>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const save = async () => {
    stop.current = new AbortController();
    setFar({ rows: 0, of: 0 });
    const { columns } = whole.listing;
    const parts = [csvHead(columns)];
    let rows = 0;
    try {
      for await (const page of pagesOf(whole, stop.current.signal)) {
        parts.push(csvLines(page.Items, columns));
        rows += page.Items.length;
        setFar({ rows, of: page.Meta.TotalCount });
      }
      download(`${whole.list.resource.toLowerCase().replaceAll(" ", "-")}.csv`, parts, "text/csv");
    } catch (error) {
      if (!stop.current.signal.aborted) notifications.show({ color: "red", title: "No file", message: problemOf(error).title });
    }
    setFar(undefined);
  };
  if (far === undefined) {
    return (
      <Button variant="default" size="xs" classNames={TOOL} leftSection={<IconDownload size={14} />} onClick={() => void save()}>
        CSV
      </Button>
    );
  }
  return (
    <Group gap="xs">
      <Progress w={80} value={far.of === 0 ? 0 : (100 * far.rows) / far.of} aria-label="Rows of the file" />
      <Text size="xs" c="dimmed">
        {far.rows.toLocaleString()} of {far.of.toLocaleString()}
      </Text>
      <Button variant="default" size="xs" onClick={() => stop.current?.abort()}>
        Stop
      </Button>
    </Group>
  );
});

interface PagesProps {
  page: Page;
  size: number;
  byKey: boolean;
  change: Change;
}

const Pages = memo(function Pages({ page, size, byKey, change }: PagesProps) {
  const { Meta, Items } = page;
  const first = (Meta.Page - 1) * Meta.PageSize + 1;
  const next = Meta.NextPageKey;
  return (
    <Group justify="space-between" gap="xs">
      <Text size="sm" c="dimmed" aria-live="polite">
        {Items.length === 0 ? "None" : `${first.toLocaleString()} to ${(first + Items.length - 1).toLocaleString()}`} of {Meta.TotalCount.toLocaleString()}
      </Text>
      <Group gap="xs">
        <Checkbox
          size="xs"
          label="By key"
          checked={byKey}
          onChange={(event) => change({ byKey: event.currentTarget.checked, page: 1, pageKey: "" })}
        />
        <Size of={size} change={change} />
        <ActionIcon
          variant="default"
          size={30}
          aria-label={byKey ? "First page" : "Previous page"}
          disabled={Meta.Page <= 1}
          onClick={() => change(byKey ? { pageKey: "" } : { page: Meta.Page - 1, pageKey: "" })}
        >
          <IconChevronLeft size={16} />
        </ActionIcon>
        <Text size="sm">
          {Meta.Page.toLocaleString()} / {Math.max(1, Meta.TotalPages).toLocaleString()}
        </Text>
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Next page"
          disabled={!next}
          onClick={() => next && change(byKey ? { pageKey: next } : { page: Meta.Page + 1, pageKey: "" })}
        >
          <IconChevronRight size={16} />
        </ActionIcon>
      </Group>
    </Group>
  );
});

const Size = memo(function Size({ of, change }: { of: number; change: Change }) {
  return (
    <Select
      size="xs"
      w={84}
      aria-label="Rows of a page"
      data={["10", "20", "50", "100"]}
      value={String(of)}
      allowDeselect={false}
      onChange={(size) => change({ size: Number(size), page: 1, pageKey: "" })}
    />
  );
});
