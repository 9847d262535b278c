import { Card, Code, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { useApi } from "../../api/useApi";
import { PAGES, home, isOf } from "../../pages";
import { Copy } from "../../parts/Copy";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { RoleMarks } from "../../parts/RoleMarks";
import { When } from "../../parts/When";
import { lacking } from "../../session/access";
import { marketplaceOf, useEnvironment, useMe } from "../../session/place";

/** Where the marketplace is, who one is in it, and where to go. */
export default function Start() {
  const { acting } = useApi();
  const me = useMe();
  const environment = useEnvironment();
  const command = `curl ${acting.baseUrl}/v1/me -H "Authorization: Bearer $TOKEN"`;
  return (
    <PageFrame title={acting.marketplace?.name ?? marketplaceOf(me.data) ?? "Start"} about="Where you are, and who you are here.">
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Paper withBorder p="md">
          <Stack gap="sm">
            <Title order={2} size="h4">
              You
            </Title>
            <Loaded query={me}>
              {(user) => (
                <Facts
                  facts={[
                    ["Name", [user.FirstName, user.LastName].filter(Boolean).join(" ")],
                    ["Username", user.Username],
                    ["ID", user.ID],
                    ["E-mail", user.Email],
                    ["Buyer", user.Buyer?.ID],
                    ["Supplier", user.Supplier?.ID],
                    ["Since", user.DateCreated && <When at={user.DateCreated} />],
                    ["Roles of the token", <RoleMarks key="roles" roles={acting.roles} />],
                  ]}
                />
              )}
            </Loaded>
          </Stack>
        </Paper>
        <Paper withBorder p="md">
          <Stack gap="sm">
            <Title order={2} size="h4">
              Here
            </Title>
            <Facts
              facts={[
                ["Base URL", acting.baseUrl],
                ["Environment", acting.marketplace?.environment ?? environment.data?.Environment],
                ["Region", acting.marketplace?.region],
                ["API client", acting.portal !== undefined && acting.portal.clientid === undefined ? "" : acting.clientID],
                ["Version of the API", environment.data?.BuildNumber],
              ]}
            />
            <Text size="sm" c="dimmed">
              The first request, with the token of the bar above as <Code>TOKEN</Code>:
            </Text>
            <Group gap="xs" wrap="nowrap" align="flex-start">
              <Code block className="any-text" style={{ whiteSpace: "pre-wrap", flex: 1 }}>
                {command}
              </Code>
              <Copy text={command} of="the command" />
            </Group>
          </Stack>
        </Paper>
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }}>
        {PAGES.filter((page) => page.path !== "/" && isOf(page, "marketplace") && lacking(page, acting).length === 0).map((page) => (
          <Card key={page.path} withBorder component={Link} to={home(page)} padding="md">
            <Group gap="sm" wrap="nowrap" align="flex-start">
              <page.icon size={22} stroke={1.6} style={{ flexShrink: 0 }} />
              <div>
                <Text fw={600}>{page.title}</Text>
                <Text size="sm" c="dimmed">
                  {page.about}
                </Text>
              </div>
            </Group>
          </Card>
        ))}
      </SimpleGrid>
    </PageFrame>
  );
}
