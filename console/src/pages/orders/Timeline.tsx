import { Text, Timeline as Marks } from "@mantine/core";
import { When } from "../../parts/When";

export interface Moment {
  at: string | null | undefined;
  what: string;
  more?: string | null | undefined;
}

/** What has happened, the first thing first. Moments that have not come are left out. */
export function Timeline({ moments }: { moments: Moment[] }) {
  const known = moments
    .filter((moment): moment is Moment & { at: string } => Boolean(moment.at))
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return (
    <Marks active={known.length - 1} bulletSize={14} lineWidth={2}>
      {known.map(({ at, what, more }, index) => (
        <Marks.Item key={`${index} ${at}`} title={what}>
          {more && (
            <Text size="sm" className="any-text" dir="auto">
              {more}
            </Text>
          )}
          <Text size="xs" c="dimmed">
            <When at={at} />
          </Text>
        </Marks.Item>
      ))}
    </Marks>
  );
}
