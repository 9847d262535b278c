import { Code, Stack, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./expressions.module.css";
import type { Words } from "./words";

interface Entry {
  text: string;
  title: string;
  about: string;
  /** What is put in at the cursor. */
  insert: string;
}

interface Group {
  title: string;
  entries: Entry[];
}

const MOST = 40;

/** What may be written, to be looked up and put in. */
export function Reference({ words, insert }: { words: Words; insert: (text: string) => void }) {
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const groups = groupsOf(words)
    .map(({ title, entries }) => ({ title, entries: entries.filter((each) => each.text.toLowerCase().includes(wanted)) }))
    .filter(({ entries }) => entries.length > 0);
  return (
    <Stack gap="xs" className={classes.beside ?? ""}>
      <Title order={2} size="h5">
        What can be written
      </Title>
      <TextInput
        aria-label="Search functions, properties and operators"
        placeholder="Functions, properties, operators"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={search}
        onChange={({ currentTarget: { value } }) => setSearch(value)}
      />
      <div className={classes.reference} tabIndex={0} role="region" aria-label="What can be written">
        {groups.length === 0 && <Text size="sm">Nothing is called so.</Text>}
        {groups.map(({ title, entries }) => (
          <section key={title}>
            <Title order={3} size="xs" c="dimmed" mt="xs" mb={4}>
              {title}
            </Title>
            {entries.slice(0, MOST).map((each) => (
              <UnstyledButton key={each.title} className={classes.entry ?? ""} onClick={() => insert(each.insert)}>
                <Code className="any-text">{each.title}</Code>
                <Text size="xs" className="any-text">
                  {each.about}
                </Text>
              </UnstyledButton>
            ))}
            {entries.length > MOST && (
              <Text size="xs" c="dimmed">
                and {entries.length - MOST} more: search for them
              </Text>
            )}
          </section>
        ))}
      </div>
    </Stack>
  );
}

function groupsOf(words: Words): Group[] {
  const named = (title: string, about: string, insert: string): Entry => ({ text: `${title} ${about}`, title, about, insert });
  const roots = words.language.Roots.filter(({ Name }) => Name !== "");
  const line = roots.find(({ Of }) => Of === "LineItem")?.Name ?? "product";
  const receivers = { Nothing: "", LineItems: "items.", Product: `${line}.`, Property: ".", Array: ".", Approvable: `${words.language.Approvable ?? ""}.` };
  const functions = words.functions.map(({ Name, Shape, About, On }) => named(Shape, About, `${receivers[On]}${Name}()`));
  const paths = [...words.paths].flatMap(([of, those]) => {
    const root = roots.find(({ Of }) => Of === of)?.Name;
    const inFilters = root === undefined && of === "LineItem";
    if (root === undefined && !inFilters) return [];
    return those.map(({ Path, Type, Sample }) => {
      const path = root === undefined ? Path : `${root}.${Path}`;
      const where = inFilters ? " of a line item, in a filter over items" : "";
      return { ...named(path, `${Type ?? "Any"}${where}${Sample === null ? "" : `; in the order ${Sample}`}`, path), isThere: Sample !== null };
    });
  });
  const deep = paths.filter(({ isThere, title }) => isThere && title.includes("xp"));
  return [
    { title: "Found in the order", entries: deep },
    { title: "Functions", entries: functions },
    { title: "Roots", entries: roots.map(({ Name, About }) => named(Name, About, Name)).filter(onlyFirst) },
    { title: "Operators", entries: words.operators.map(({ Symbols, About }) => named(Symbols.join("  "), About, ` ${Symbols[0] ?? ""} `)) },
    { title: "Values", entries: words.literals.map(({ Example, About }) => named(Example, About, Example)) },
    { title: "Properties", entries: paths.filter((each) => !deep.includes(each)) },
  ];
}

function onlyFirst(entry: Entry, index: number, all: Entry[]): boolean {
  return all.findIndex(({ title }) => title === entry.title) === index;
}
