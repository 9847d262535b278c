import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { type FormEvent, memo, useCallback, useMemo, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import type { Item, Page } from "../../api/ask";
import { type Document, type Operation, choicesOf, useDocument } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Loaded } from "../../parts/Loaded";
import { Fold } from "../../parts/Fold";
import { PageFrame } from "../../parts/PageFrame";
import { ReferencePicker } from "../../parts/ReferencePicker";
import { ListView } from "../../parts/listing/ListView";
import { type Field, fieldsOf, itemOf } from "../../parts/listing/fields";
import { filled, listsOf, parametersIn, thingOf } from "../../parts/listing/things";
import { useListing } from "../../parts/listing/useListing";
import { listOfParameter } from "../../parts/references";
import { useSame, useSteady } from "../../parts/steady";
import { mayDo } from "../../session/access";
import { BulkPatch } from "./BulkPatch";
import { ThingDrawer } from "./ThingDrawer";

/** Parameters of every list, which have places of their own on the page. */
const COMMON = new Set(["search", "searchOn", "searchType", "sortBy", "page", "pageSize", "pageKey", "filters"]);
const FIRST_COLUMNS = 6;

/** Every list of the API as a table, by what the server's document says of it. */
export default function Data() {
  const document = useDocument();
  return (
    <PageFrame title="Data" about="Every list of the API: looked through, changed, and taken along as a file.">
      <Loaded query={document} what="The document is on its way">
        {(known) => <Chosen document={known} />}
      </Loaded>
    </PageFrame>
  );
}

function Chosen({ document }: { document: Document }) {
  const navigate = useNavigate();
  const chosen = useParams()["*"] ?? "";
  const lists = useMemo(() => groupsOf(document), [document]);
  const list = document.operations.get(chosen === "" ? "Products.List" : chosen);
  const choose = useSteady((id: string) => void navigate(`/data/${id}`));
  return (
    <Stack>
      <Lists lists={lists} chosen={list?.id} onChoose={choose} />
      {list === undefined ? <Text>There is no list of this name.</Text> : <OneList key={list.id} document={document} list={list} />}
    </Stack>
  );
}

interface ListsProps {
  lists: ReturnType<typeof groupsOf>;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

/** A hundred lists to choose from; drawn for another one, not for another page of it. */
const Lists = memo(function Lists({ lists, chosen, onChoose }: ListsProps) {
  return (
    <Select
      label="List"
      data={lists}
      value={chosen ?? null}
      onChange={(id) => id && onChoose(id)}
      searchable
      maw={420}
      maxDropdownHeight={420}
      nothingFoundMessage="No list is called so"
      allowDeselect={false}
    />
  );
});

function groupsOf(document: Document): { group: string; items: { value: string; label: string }[] }[] {
  const known = new Set(listsOf(document).map(({ id }) => id));
  return document.sections
    .map((section) => ({
      group: section.name,
      items: section.resources.flatMap((resource) =>
        resource.operations.filter(({ id }) => known.has(id)).map(({ id, summary }) => ({ value: id, label: `${resource.name}: ${summary}` })),
      ),
    }))
    .filter(({ items }) => items.length > 0);
}

function OneList({ document, list }: { document: Document; list: Operation }) {
  const [params, setParams] = useSearchParams();
  const thing = useMemo(() => thingOf(document, list), [document, list]);
  const schema = itemOf(document, list);
  const fields = useMemo(() => (schema === undefined ? [] : fieldsOf(document, schema)), [document, schema]);
  const [listing, change] = useListing(firstColumns(fields));
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [page, setPage] = useState<Page>();
  const [patching, setPatching] = useState<{ items: Item[]; all: boolean }>();
  const { acting } = useApi();
  const [making, setMaking] = useState(false);
  const names = parametersIn(list.template);
  const own = list.parameters.filter(({ name, in: place }) => place === "query" && !COMMON.has(name));
  const parents = valuesOf(params, names);
  const more = valuesOf(params, own.map(({ name }) => name));
  const needed = [...names, ...own.filter(({ required }) => required).map(({ name }) => name)];
  const asked = useSame([...names, ...own.map(({ name }) => name)]);
  const mustHave = useSame(needed);
  const given = useSame({ ...parents, ...more });
  const choices = useMemo(() => Object.fromEntries(list.parameters.map(({ name, schema: each }) => [name, choicesOf(each) ?? []])), [list]);
  const listOf = useCallback(
    (name: string, values: Record<string, string>) => listOfParameter(document, list, name, values),
    [document, list],
  );
  const narrow = useSteady((values: Record<string, string>) =>
    setParams((former) => {
      const next = new URLSearchParams(former);
      for (const [name, value] of Object.entries(values)) {
        if (value === "") next.delete(`in.${name}`);
        else next.set(`in.${name}`, value);
      }
      next.delete("page");
      next.delete("key");
      return next;
    }),
  );
  const missing = needed.filter((name) => !parents[name] && !more[name]);
  const id = making ? "" : (params.get("item") ?? undefined);
  const show = (item: string | undefined) =>
    setParams((former) => {
      const next = new URLSearchParams(former);
      if (item === undefined) next.delete("item");
      else next.set("item", item);
      return next;
    });
  const onPage = useCallback((found: Page) => setPage(found), []);
  const hasID = fields.some(({ name }) => name === "ID");
  const patches = hasID && mayDo(acting, thing.patch);
  const total = page?.Meta.TotalCount ?? 0;
  const chosen = page?.Items.filter((item) => selected.has(String(item.ID))) ?? [];
  return (
    <Stack>
      {(names.length > 0 || own.length > 0) && (
        <Parameters names={asked} needed={mustHave} choices={choices} values={given} listOf={listOf} onChange={narrow} />
      )}
      {missing.length > 0 ? (
        <Text c="dimmed" size="sm">
          Say of which {missing.join(" and ")}: it is a list of something.
        </Text>
      ) : (
        <ListView
          document={document}
          list={list}
          path={filled(list.path, parents)}
          listing={listing}
          change={change}
          more={more}
          onOpen={hasID && (thing.get ?? thing.patch) ? (item) => show(String(item.ID)) : undefined}
          {...(patches && { selected, onSelect: setSelected })}
          known={parents}
          onPage={onPage}
          actions={
            <Group gap="xs">
              {patches && chosen.length > 0 && (
                <Button size="xs" variant="default" onClick={() => setPatching({ items: chosen, all: false })}>
                  Change {chosen.length} …
                </Button>
              )}
              {patches && chosen.length === 0 && total > 1 && (
                <Button size="xs" variant="default" onClick={() => setPatching({ items: page?.Items ?? [], all: true })}>
                  Change all {total.toLocaleString()} …
                </Button>
              )}
              {mayDo(acting, thing.create) && (
                <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
                  New
                </Button>
              )}
            </Group>
          }
        />
      )}
      <ThingDrawer
        document={document}
        thing={thing}
        parents={parents}
        id={id}
        onClose={() => {
          setMaking(false);
          if (params.has("item")) show(undefined);
        }}
      />
      {patching !== undefined && (
        <BulkPatch
          thing={thing}
          parents={parents}
          items={patching.items}
          {...(patching.all && { whole: { listing, more, total } })}
          onClose={() => {
            setPatching(undefined);
            setSelected(new Set());
          }}
        />
      )}
    </Stack>
  );
}

const TELLING = ["ID", "Name", "Username", "Email", "Subject", "Status", "Type", "Total", "Active", "DateCreated"];

/** What tells things apart and how they stand, then the first simple properties that are no references. */
function firstColumns(fields: Field[]): string[] {
  const simple = fields.filter(({ kind }) => kind !== "object" && kind !== "list").map(({ name }) => name);
  const first = TELLING.filter((name) => simple.includes(name));
  const rest = simple.filter((name) => !first.includes(name) && name !== "Description");
  return [...first, ...rest.filter((name) => !name.endsWith("ID")), ...rest.filter((name) => name.endsWith("ID"))].slice(0, FIRST_COLUMNS);
}

function valuesOf(params: URLSearchParams, names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (params.has(`in.${name}`) ? [[name, params.get(`in.${name}`) ?? ""]] : [])));
}

interface ParametersProps {
  names: string[];
  needed: string[];
  choices: Record<string, string[]>;
  values: Record<string, string>;
  listOf: (name: string, values: Record<string, string>) => string | undefined;
  onChange: (values: Record<string, string>) => void;
}

/** Of which buyer, in which direction: what a list is of, and what it may be narrowed to. */
const Parameters = memo(function Parameters({ names, needed, choices, values, listOf, onChange }: ParametersProps) {
  const [draft, setDraft] = useState(values);
  const [seen, setSeen] = useState(values);
  if (JSON.stringify(seen) !== JSON.stringify(values)) {
    setSeen(values);
    setDraft(values);
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(Object.fromEntries(names.map((name) => [name, draft[name] ?? ""])));
  };
  const form = (
    <form onSubmit={submit}>
      <Group gap="xs" align="flex-end">
        {names.map((name) =>
          (choices[name]?.length ?? 0) > 0 ? (
            <Select
              key={name}
              size="xs"
              label={name}
              required={needed.includes(name)}
              data={choices[name] ?? []}
              value={draft[name] ?? null}
              onChange={(value) => onChange({ ...draft, [name]: value ?? "" })}
            />
          ) : (
            <ReferencePicker
              key={name}
              size="xs"
              label={name}
              required={needed.includes(name)}
              list={listOf(name, draft)}
              value={draft[name] ?? ""}
              onChange={(value) => setDraft((former) => ({ ...former, [name]: value }))}
              onOptionSubmit={(value) => onChange({ ...draft, [name]: value })}
            />
          ),
        )}
        <Button type="submit" size="xs" variant="default">
          Show
        </Button>
      </Group>
    </form>
  );
  if (needed.length > 0) return form;
  return (
    <Fold label={`Narrow by ${names.join(", ")}`} used={Object.keys(values).length}>
      {form}
    </Fold>
  );
});
