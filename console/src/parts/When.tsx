import { Tooltip } from "@mantine/core";

const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** A moment in the browser's time zone, in full when it is pointed at. Other text stays as it is. */
export function When({ at }: { at: string | number }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <>{at}</>;
  return (
    <Tooltip label={LONG.format(date)}>
      <time dateTime={date.toISOString()}>{SHORT.format(date)}</time>
    </Tooltip>
  );
}
