import { Tooltip } from "@mantine/core";

const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** A moment in the browser's time zone, in full when it is pointed at: `plain` by the browser's own means, where there are many. Other
 * text stays as it is. */
export function When({ at, plain = false }: { at: string | number; plain?: boolean }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <>{at}</>;
  if (plain) {
    return (
      <time dateTime={date.toISOString()} title={LONG.format(date)}>
        {SHORT.format(date)}
      </time>
    );
  }
  return (
    <Tooltip label={LONG.format(date)}>
      <time dateTime={date.toISOString()}>{SHORT.format(date)}</time>
    </Tooltip>
  );
}
