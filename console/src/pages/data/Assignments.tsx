import { Button, Group, Select, Stack, Table, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Item, type Page, ask } from "../../api/ask";
import { type Document, resolved } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Loaded } from "../../parts/Loaded";
import { ReferencePicker } from "../../parts/ReferencePicker";
import { Trouble } from "../../parts/Trouble";
import { Wide } from "../../parts/Wide";
import { type Field, fieldsOf, itemOf, spell } from "../../parts/listing/fields";
import { type Assignment, filled, parametersIn, removalOf } from "../../parts/listing/things";
import { mayDo } from "../../session/access";
import { type Values, listOfProperty } from "../../parts/references";
import { ItemForm } from "./ItemForm";

interface Props {
  document: Document;
  assignments: Assignment[];
  /** The IDs of the thing and of what it is in, by parameter. */
  known: Values;
}

/** What a thing is assigned to, kind by kind: looked through, made and taken away. */
export function Assignments({ document, assignments, known }: Props) {
  const [chosen, setChosen] = useState(assignments[0]?.list.id ?? "");
  const [more, setMore] = useState<Values>({});
  const assignment = assignments.find(({ list }) => list.id === chosen);
  if (assignment === undefined) return null;
  const missing = parametersIn(assignment.list.template).filter((name) => known[name] === undefined);
  const values = { ...known, ...more };
  return (
    <Stack>
      <Select
        label="Assignments"
        data={assignments.map(({ list }) => ({ value: list.id, label: list.summary }))}
        value={chosen}
        onChange={(id) => id && setChosen(id)}
        allowDeselect={false}
      />
      {missing.map((name) => (
        <ReferencePicker
          key={name}
          label={name}
          required
          list={listOfProperty(document, name, values)}
          value={more[name] ?? ""}
          onChange={(value) => setMore((former) => ({ ...former, [name]: value }))}
        />
      ))}
      {missing.every((name) => more[name]) && <OfOneKind key={chosen} document={document} assignment={assignment} known={values} />}
    </Stack>
  );
}

interface OfOneKindProps {
  document: Document;
  assignment: Assignment;
  known: Values;
}

const A_PAGE = 20;

function OfOneKind({ document, assignment, known }: OfOneKindProps) {
  const { list, create } = assignment;
  const api = useApi();
  const queries = useQueryClient();
  const [page, setPage] = useState(1);
  const [making, setMaking] = useState(false);
  const own = list.parameters.filter(({ name, in: place }) => place === "query" && known[name] !== undefined);
  const query = new URLSearchParams(own.map(({ name }) => [name, known[name] ?? ""]));
  query.set("page", String(page));
  query.set("pageSize", String(A_PAGE));
  const path = `${filled(list.path, known)}?${query}`;
  const found = useQuery({ queryKey: [api.key, path], queryFn: () => ask<Page>(api, path) });
  const given = Object.keys(known).map((name) => name.toLowerCase());
  const unknown = (field: Field) => !given.includes(field.name.toLowerCase());
  const item = itemOf(document, list);
  const columns = item === undefined ? [] : fieldsOf(document, item).filter(unknown);
  const body = create?.body?.schema;
  const schema = body === undefined ? undefined : resolved(document, body);
  const make = async (entered: Item) => {
    const fixed = Object.keys(schema?.properties ?? {}).flatMap((name) => {
      const value = Object.entries(known).find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
      return value === undefined ? [] : [[name, value] as const];
    });
    await ask(api, filled(create?.path ?? "", known), "POST", { ...Object.fromEntries(fixed), ...entered });
    setMaking(false);
    await queries.invalidateQueries({ queryKey: [api.key] });
    notifications.show({ message: "It has been assigned." });
  };
  return (
    <Stack>
      <Loaded query={found}>
        {({ Items, Meta }) => (
          <>
            {Items.length === 0 ? (
              <Text size="sm">Nothing is assigned.</Text>
            ) : (
              <Rows document={document} assignment={assignment} known={known} items={Items} columns={told(columns, Items)} />
            )}
            {Meta.TotalPages > 1 && (
              <Group gap="xs">
                <Button size="xs" variant="default" disabled={page <= 1} onClick={() => setPage(page - 1)}>
                  Before
                </Button>
                <Text size="sm">
                  {page} / {Meta.TotalPages.toLocaleString()}
                </Text>
                <Button size="xs" variant="default" disabled={page >= Meta.TotalPages} onClick={() => setPage(page + 1)}>
                  Next
                </Button>
              </Group>
            )}
          </>
        )}
      </Loaded>
      {create !== undefined && schema !== undefined && mayDo(api.acting, create) && (
        <>
          <Group>
            <Button size="xs" variant="default" aria-expanded={making} onClick={() => setMaking(!making)}>
              Assign …
            </Button>
          </Group>
          {making && (
            <ItemForm
              fields={fieldsOf(document, schema).filter(unknown)}
              submit="Assign"
              send={make}
              listOf={(name, values) => listOfProperty(document, name, { ...known, ...values })}
            />
          )}
        </>
      )}
    </Stack>
  );
}

/** Columns that say something of any row. */
function told(columns: Field[], items: Item[]): Field[] {
  return columns.filter(({ name }) => items.some((item) => item[name] !== null && item[name] !== undefined));
}

interface RowsProps extends OfOneKindProps {
  items: Item[];
  columns: Field[];
}

function Rows({ document, assignment, known, items, columns }: RowsProps) {
  const api = useApi();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  const remove = async (path: string) => {
    setError(undefined);
    try {
      await ask(api, path, "DELETE");
      await queries.invalidateQueries({ queryKey: [api.key] });
      notifications.show({ message: "It is no longer assigned." });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <>
      {error !== undefined && <Trouble error={error} />}
      <Wide label={assignment.list.summary}>
        <Table fz="xs">
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ name }) => (
                <Table.Th key={name}>{name}</Table.Th>
              ))}
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item, index) => {
              const path = removalOf(document, assignment.list, api.acting, { ...known, ...textsOf(item) });
              return (
                <Table.Tr key={`${index} ${JSON.stringify(item)}`}>
                  {columns.map(({ name }) => (
                    <Table.Td key={name} className="any-text" dir="auto">
                      {spell(item[name]).slice(0, 100)}
                    </Table.Td>
                  ))}
                  <Table.Td ta="end">
                    {path !== undefined && (
                      <Button
                        size="compact-xs"
                        variant="subtle"
                        aria-label={`Take away ${columns.map(({ name }) => spell(item[name])).join(" ")}`}
                        onClick={() => void remove(path)}
                      >
                        Take away
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Wide>
    </>
  );
}

/** The IDs of an assignment, by parameter: buyerID for BuyerID. */
function textsOf(item: Item): Values {
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) =>
      typeof value === "string" && value !== "" && name.endsWith("ID") ? [[`${name.charAt(0).toLowerCase()}${name.slice(1)}`, value]] : [],
    ),
  );
}
