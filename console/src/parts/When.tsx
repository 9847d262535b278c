import { Tooltip } from "@mantine/core";

const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const TO_THE_SECOND = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** A moment in the browser's time zone, in full when it is pointed at: `plain` by the browser's own means, where there are many; `seconds`
 * where these tell one from the next. Other text stays as it is. */
export function When({ at, plain = false, seconds = false }: { at: string | number; plain?: boolean; seconds?: boolean }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <>{at}</>;
  const short = (seconds ? TO_THE_SECOND : SHORT).format(date);
  if (plain) {
    return (
      <time dateTime={date.toISOString()} title={LONG.format(date)}>
        {short}
      </time>
    );
  }
  return (
    <Tooltip label={LONG.format(date)}>
      <time dateTime={date.toISOString()}>{short}</time>
    </Tooltip>
  );
}
