import { Badge, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./ItemRow.module.css";
import { Trouble } from "./Trouble";

interface Props {
  name: ReactNode;
  /** Below the name, fainter: an ID, an address. */
  about?: ReactNode;
  /** Short words about it, as badges. */
  marks?: ReactNode;
  /** Buttons at its end. */
  actions?: ReactNode;
  /** What went wrong with it. */
  error?: unknown;
}

/** `ItemRow`s, or what there is to say where there is none. */
export function Rows({ children, none }: { children: ReactNode[]; none: string }) {
  if (children.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {none}
      </Text>
    );
  }
  return (
    <Stack gap="xs" role="list">
      {children}
    </Stack>
  );
}

/** One of a few things below one another, with its marks and what may be done with it. */
export function ItemRow({ name, about, marks, actions, error }: Props) {
  return (
    <div className={classes.row} role="listitem">
      <Names name={name} about={about} />
      {marks}
      {actions}
      {error !== undefined && (
        <div className={classes.whole}>
          <Trouble error={error} />
        </div>
      )}
    </div>
  );
}

/** Names come from strangers: their letters may run either way, and change nothing around them. */
export function Names({ name, about }: Pick<Props, "name" | "about">) {
  return (
    <span className={classes.names}>
      <Text span fw={600} className="any-text">
        <bdi>{name}</bdi>
      </Text>
      {about !== undefined && about !== "" && (
        <Text span size="sm" c="dimmed" className="any-text">
          <bdi>{about}</bdi>
        </Text>
      )}
    </span>
  );
}

export function Mark({ children, color }: { children: ReactNode; color?: string }) {
  return (
    <Badge variant="light" radius="sm" tt="none" component="span" {...(color && { color })}>
      {children}
    </Badge>
  );
}
