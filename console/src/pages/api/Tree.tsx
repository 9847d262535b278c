import { ScrollArea, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconSearch } from "@tabler/icons-react";
import { type ReactNode, useDeferredValue, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import type { Document, Operation } from "../../api/document";
import classes from "./Tree.module.css";
import { Verb } from "./Verb";
import { search } from "./search";

interface Props {
  document: Document;
  current: Operation | undefined;
  onChoose: () => void;
}

/** Operations that a search shows. */
const MOST = 80;

/** Sections, resources, operations (CON-2), or what a search finds in them. */
export function Tree({ document, current, onChoose }: Props) {
  const [search, setSearch] = useState("");
  const words = useDeferredValue(search).toLowerCase().split(/\s+/).filter(Boolean);
  return (
    <div className={classes.tree}>
      <TextInput
        aria-label="Search operations"
        placeholder="Search operations"
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        type="search"
      />
      <ScrollArea className={classes.list} type="auto" scrollbarSize={8} offsetScrollbars="y">
        {words.length > 0 ? (
          <Found document={document} words={words} current={current} onChoose={onChoose} />
        ) : (
          document.sections.map((section) => {
            const here = section.resources.some(({ name }) => name === current?.resource);
            return (
              <Fold key={section.id} label={section.name} here={here} strong>
                {section.resources.map((resource) => (
                  <Fold key={resource.name} label={resource.name} here={resource.name === current?.resource}>
                    {resource.operations.map((operation) => (
                      <Leaf key={operation.id} operation={operation} current={current} onChoose={onChoose} />
                    ))}
                  </Fold>
                ))}
              </Fold>
            );
          })
        )}
      </ScrollArea>
    </div>
  );
}

function Found({ document, words, current, onChoose }: Props & { words: string[] }) {
  const found = search(document, words);
  return (
    <>
      <Text size="xs" c="dimmed" px="xs" py={4} role="status">
        {found.length} {found.length === 1 ? "operation" : "operations"}
        {found.length > MOST && `, the first ${MOST}`}
      </Text>
      <ul className={classes.items}>
        {found.slice(0, MOST).map((operation) => (
          <Leaf key={operation.id} operation={operation} current={current} onChoose={onChoose} full />
        ))}
      </ul>
    </>
  );
}

interface FoldProps {
  label: string;
  here: boolean;
  strong?: boolean;
  children: ReactNode;
}

function Fold({ label, here, strong = false, children }: FoldProps) {
  const [opened, setOpened] = useState(here);
  useEffect(() => {
    if (here) setOpened(true);
  }, [here]);
  return (
    <div>
      <UnstyledButton
        className={classes.fold}
        data-strong={strong || undefined}
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        <IconChevronRight size={14} className={classes.arrow} data-opened={opened || undefined} aria-hidden />
        {label}
      </UnstyledButton>
      {opened && (strong ? <div className={classes.within}>{children}</div> : <ul className={classes.items}>{children}</ul>)}
    </div>
  );
}

interface LeafProps {
  operation: Operation;
  current: Operation | undefined;
  onChoose: () => void;
  full?: boolean;
}

function Leaf({ operation, current, onChoose, full = false }: LeafProps) {
  const isCurrent = operation.id === current?.id;
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // Whoever came by a link sees where it is.
    if (isCurrent) place.current?.scrollIntoView({ block: "nearest" });
  }, [isCurrent]);
  return (
    <li ref={place}>
      <Link
        to={`/api/${operation.id}`}
        className={classes.leaf}
        onClick={onChoose}
        data-current={isCurrent || undefined}
        {...(isCurrent && { "aria-current": "page" as const })}
      >
        <Verb verb={operation.verb} />
        <span>
          {operation.summary}
          {full && <span className={classes.path}>{operation.id}</span>}
        </span>
      </Link>
    </li>
  );
}
