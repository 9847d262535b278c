import { Anchor, Button, Code, Drawer, Group, Stack, Tabs, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { type Item, ask } from "../../api/ask";
import { type Document, resolved } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { ReadOnly } from "../../parts/ReadOnly";
import { Trouble } from "../../parts/Trouble";
import { When } from "../../parts/When";
import { type Field, fieldsOf, spell } from "../../parts/listing/fields";
import { Json } from "../../parts/json/Json";
import { type Thing, filled, parametersIn } from "../../parts/listing/things";
import { listOfProperty } from "../../parts/references";
import { mayDo } from "../../session/access";
import { Assignments } from "./Assignments";
import { ItemForm } from "./ItemForm";
import { inOrder, isEmpty } from "./form";

interface Props {
  document: Document;
  thing: Thing;
  parents: Record<string, string>;
  /** The ID of what is shown; "" to make something new; undefined: closed. */
  id: string | undefined;
  onClose: () => void;
}

/** One thing of a list: its properties, what hangs on it, and whatever may be done to it. */
export function ThingDrawer(props: Props) {
  const { thing, id, onClose } = props;
  return (
    <Drawer opened={id !== undefined} onClose={onClose} position="right" size="lg" title={id === "" ? `New in ${thing.list.resource}` : (id ?? "")}>
      {id === "" ? <NewThing {...props} /> : id !== undefined && <KnownThing {...props} id={id} />}
    </Drawer>
  );
}

function NewThing({ document, thing, parents, onClose }: Props) {
  const api = useApi();
  const queries = useQueryClient();
  const schema = thing.create?.body?.schema;
  if (thing.create === undefined || schema === undefined) return null;
  const make = async (body: Item) => {
    await ask(api, filled(thing.create?.path ?? "", parents), "POST", body);
    await queries.invalidateQueries({ queryKey: [api.key] });
    notifications.show({ message: "It has been made." });
    onClose();
  };
  return (
    <ItemForm
      fields={fieldsOf(document, resolved(document, schema))}
      submit="Create"
      send={make}
      listOf={(name, values) => listOfProperty(document, name, { ...values, ...parents })}
    />
  );
}

function KnownThing({ document, thing, parents, id, onClose }: Props & { id: string }) {
  const api = useApi();
  const path = thing.get === undefined ? undefined : filled(thing.get.path, withItem(thing, parents, id));
  const query = useQuery({
    queryKey: [api.key, path],
    queryFn: () => ask<Item>(api, path ?? ""),
    enabled: path !== undefined,
  });
  if (path === undefined) return <Text size="sm">The API shows these in their list alone.</Text>;
  return (
    <Loaded query={query}>
      {(item) => <Shown document={document} thing={thing} parents={parents} id={id} item={item} path={path} onClose={onClose} />}
    </Loaded>
  );
}

type ShownProps = Props & { id: string; item: Item; path: string };

function Shown({ document, thing, parents, id, item, path, onClose }: ShownProps) {
  const api = useApi();
  const queries = useQueryClient();
  const answer = thing.get?.answer;
  const fields = answer === undefined ? [] : inOrder(fieldsOf(document, resolved(document, answer)));
  const change = thing.patch?.body?.schema;
  const editable = change === undefined ? [] : fieldsOf(document, resolved(document, change));
  const save = async (body: Item, gone: Item) => {
    // Two, for a null may be what stays and what takes away. The other one may give it another ID.
    let changed = isEmpty(gone) ? undefined : await ask<Item>(api, path, "PATCH", gone, { "Entrepot-Xp-Nulls": "remove" });
    if (changed === undefined || !isEmpty(body)) changed = await ask<Item>(api, path, "PATCH", body);
    queries.setQueryData([api.key, path], changed);
    await queries.invalidateQueries({ queryKey: [api.key] });
    notifications.show({ message: "It has been changed." });
    if (typeof changed?.ID === "string" && changed.ID !== id) onClose();
  };
  const known = withItem(thing, parents, id);
  const assignments = thing.assignments.filter(({ list }) => mayDo(api.acting, list));
  return (
    <Tabs defaultValue="facts" keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="facts">Properties</Tabs.Tab>
        {mayDo(api.acting, thing.patch) && <Tabs.Tab value="edit">Edit</Tabs.Tab>}
        <Tabs.Tab value="json">JSON</Tabs.Tab>
        {assignments.length > 0 && <Tabs.Tab value="assignments">Assignments</Tabs.Tab>}
        <Tabs.Tab value="related">Related</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="facts">
        <Stack>
          <Facts facts={fields.map((field) => [field.name, <Fact key={field.name} field={field} value={item[field.name]} />])} />
          <ReadOnly operation={thing.patch ?? thing.remove} />
          {mayDo(api.acting, thing.remove) && <Remove thing={thing} path={path} id={id} onClose={onClose} />}
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="edit">
        <ItemForm key={JSON.stringify(item)} fields={editable} item={item} submit="Save" send={save} listOf={(name, values) => listOfProperty(document, name, { ...values, ...known })} />
      </Tabs.Panel>
      <Tabs.Panel value="json">
        <Code block className="any-text" style={{ whiteSpace: "pre-wrap" }} dir="ltr" tabIndex={0} mah="70vh">
          {JSON.stringify(item, null, 2).slice(0, 500_000)}
        </Code>
      </Tabs.Panel>
      <Tabs.Panel value="assignments">
        <Assignments document={document} assignments={assignments} known={known} />
      </Tabs.Panel>
      <Tabs.Panel value="related">
        <Related thing={thing} known={known} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Fact({ field, value }: { field: Field; value: unknown }) {
  if (value === null || value === undefined || value === "") return <Text span size="sm" c="dimmed">–</Text>;
  if (field.kind === "date") return <When at={String(value)} />;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (typeof value === "object") return <Json value={value} open={2} />;
  return <span dir="auto">{spell(value).slice(0, 5000)}</span>;
}

function Remove({ thing, path, id, onClose }: { thing: Thing; path: string; id: string; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const [error, setError] = useState<unknown>();
  const remove = async () => {
    try {
      await ask(api, path, "DELETE");
      onClose();
      queries.removeQueries({ queryKey: [api.key, path] });
      await queries.invalidateQueries({ queryKey: [api.key] });
      notifications.show({ message: `${id} has been deleted.` });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Stack gap="xs">
      {error !== undefined && <Trouble error={error} />}
      {sure ? (
        <Group gap="xs">
          <Text size="sm">Delete {id} from {thing.list.resource} for good?</Text>
          <Button size="xs" color="red.8" onClick={() => void remove()}>
            Delete
          </Button>
          <Button size="xs" variant="default" onClick={() => setSure(false)}>
            Keep it
          </Button>
        </Group>
      ) : (
        <Group>
          <Button size="xs" variant="default" onClick={() => setSure(true)}>
            Delete …
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** Lists of what is in it: opened, each costs a call; named, none. */
function Related({ thing, known }: { thing: Thing; known: Record<string, string> }) {
  if (thing.below.length === 0) return <Text size="sm">Nothing is in it.</Text>;
  return (
    <Stack gap={6}>
      {thing.below.map((list) => (
        <Anchor key={list.id} component={Link} to={`/data/${list.id}?${new URLSearchParams(prefixed(known))}`} size="sm">
          {list.summary}
        </Anchor>
      ))}
    </Stack>
  );
}

function withItem(thing: Thing, parents: Record<string, string>, id: string): Record<string, string> {
  const name = parametersIn(thing.get?.template ?? thing.patch?.template ?? thing.remove?.template ?? "").at(-1);
  return name === undefined ? parents : { ...parents, [name]: id };
}

/** As the page's address has them: `in.buyerID`. */
function prefixed(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`in.${name}`, value]));
}
