import { Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ask } from "../../api/ask";
import { useApi } from "../../api/useApi";
import { Loaded } from "../../parts/Loaded";
import type { Span } from "./figures";
import { type Chosen } from "./useRange";

const ROOT = "/entrepot/v1/dashboards";

interface Props<T> {
  title: string;
  /** The end of the dashboard's path. */
  of: string;
  chosen: Chosen;
  children: (figures: T) => ReactNode;
}

/** One dashboard of the server: one call. Who may not see it is told so in its place. */
export function Section<T extends Span>({ title, of, chosen, children }: Props<T>) {
  const api = useApi();
  const query = useQuery({
    queryKey: [api.key, "dashboards", of, chosen.query],
    queryFn: () => ask<T>(api, `${ROOT}/${of}${chosen.query}`),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <Stack gap="sm" component="section" aria-label={title} aria-busy={query.isFetching}>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Loaded query={query} what={`${title}: on its way`}>
        {(figures) => (
          <>
            {figures.IsPartial && <Text size="sm">There is more than is counted here, of which the newest is shown: choose a shorter time.</Text>}
            {children(figures)}
          </>
        )}
      </Loaded>
    </Stack>
  );
}
