import { Badge } from "@mantine/core";

const COLORS: Record<string, string> = { Delivered: "teal", Failed: "red", Retrying: "orange", Queued: "gray", Cancelled: "gray" };

/** How something stands: a state by its name, or a status of HTTP. Never by colour alone. */
export function StatusBadge({ of }: { of: string | number }) {
  const color = typeof of === "number" ? (of >= 500 ? "red" : of >= 400 ? "orange" : "teal") : (COLORS[of] ?? "gray");
  return (
    <Badge variant="outline" color={`${color}.${color === "gray" ? 7 : 9}`} radius="sm" tt="none" miw="max-content" c="var(--mantine-color-text)">
      {of}
    </Badge>
  );
}
