import { Checkbox, Drawer, Group, Text } from "@mantine/core";
import { type ReactNode, useMemo, useState } from "react";
import type { Document } from "../../api/document";
import { When } from "../When";
import type { Cells } from "./Rows";
import { ListView } from "./ListView";
import { type Change, type Listing, useListing } from "./useListing";
import { useShown } from "./useShown";

/** Milliseconds after which a live list is asked for again. */
const LIVE = 2_000;

/** Several come in a minute. */
const MOMENTS: Cells = { DateCreated: (item) => <When at={String(item.DateCreated)} plain seconds /> };

interface Props {
  document: Document;
  /** The list by its operation's ID. */
  operation: string;
  /** What is said where the server has no such operation. */
  missing: string;
  /** Its path with its parents' IDs, where it has any. */
  path?: string;
  /** The first one opens an item. */
  columns: string[];
  size?: number;
  /** Whether it begins live. */
  live?: boolean;
  /** By what an item is opened. */
  by?: string;
  cells?: Cells;
  actions?: (listing: Listing, change: Change) => ReactNode;
  /** The title of what opens beside the list. */
  title: string;
  one: (id: string, close: () => void) => ReactNode;
}

/** What happens, newest first, as it happens if wanted; one of it in full beside the list. */
export function LiveList({ document, operation, by = "ID", ...props }: Props) {
  const [listing, change] = useListing(props.columns, { sort: "!DateCreated", ...(props.size !== undefined && { size: props.size }) });
  const [live, setLive] = useState(props.live ?? false);
  const [id, show] = useShown();
  const cells = useMemo(() => ({ ...MOMENTS, ...props.cells }), [props.cells]);
  const list = document.operations.get(operation);
  if (list === undefined) return <Text>{props.missing}</Text>;
  return (
    <>
      <ListView
        document={document}
        list={list}
        path={props.path ?? list.path}
        listing={listing}
        change={change}
        every={live ? LIVE : undefined}
        onOpen={(item) => show(String(item[by]))}
        cells={cells}
        actions={
          <Group gap="md">
            {props.actions?.(listing, change)}
            <Checkbox size="xs" label="Live" checked={live} onChange={(event) => setLive(event.currentTarget.checked)} />
          </Group>
        }
      />
      <Drawer opened={id !== undefined} onClose={() => show(undefined)} position="right" size="lg" title={props.title}>
        {id !== undefined && props.one(id, () => show(undefined))}
      </Drawer>
    </>
  );
}
