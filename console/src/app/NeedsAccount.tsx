import { Paper, Text } from "@mantine/core";
import type { Page } from "../pages";
import { PageFrame } from "../parts/PageFrame";
import { PortalForm } from "./PortalForm";

/** In place of a page of the portal, for whoever has come by an API client alone. */
export function NeedsAccount({ page }: { page: Page }) {
  return (
    <PageFrame title={page.title} about={page.about}>
      <Paper withBorder p="md" maw={400}>
        <Text size="sm" mb="md">
          This is of an account of the portal. Whom you act as stays as it is.
        </Text>
        <PortalForm />
      </Paper>
    </PageFrame>
  );
}
