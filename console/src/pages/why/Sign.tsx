import { Badge } from "@mantine/core";
import type { ReactNode } from "react";

/** A word with a coloured border, to be read in light and dark. */
export function Sign({ color, children }: { color: string; children: ReactNode }) {
  return (
    <Badge variant="outline" color={`${color}.9`} radius="sm" tt="none" c="var(--mantine-color-text)">
      {children}
    </Badge>
  );
}
