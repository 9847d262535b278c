import { Group, NavLink, Stack, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { memo } from "react";
import { Link, useLocation } from "react-router";
import { PAGES, type Page, home, isOf } from "../pages";
import { anyOf, lacking } from "../session/access";
import type { Account, Acting } from "../session/store";

interface Props {
  acting: Acting | undefined;
  account: Account | undefined;
  onLeave: () => void;
}

/** The pages that open to whoever is here, in their groups; below them those that do not, and why. */
export function Navigation({ acting, account, onLeave }: Props) {
  const { pathname } = useLocation();
  const pages = PAGES.filter((page) => page.hidden !== true);
  const inside = acting === undefined ? [] : pages.filter((page) => isOf(page, "marketplace"));
  const shut = inside.flatMap((page) => {
    const roles = acting === undefined ? [] : lacking(page, acting);
    return roles.length > 0 ? [{ page, roles }] : [];
  });
  const open = [
    ...inside.filter((page) => !shut.some((each) => each.page === page)),
    ...(account === undefined ? [] : pages.filter((page) => isOf(page, "account"))),
  ];
  return (
    <>
      {grouped(open).map(([group, members]) => (
        <div key={group}>
          {group && <Heading>{group}</Heading>}
          {members.map((page) => (
            <Entry key={page.path} page={page} isHere={isAt(page, acting === undefined ? withoutMarketplace(pathname, open) : pathname)} onLeave={onLeave} />
          ))}
        </div>
      ))}
      {shut.length > 0 && (
        <div>
          <Heading>Not with this token</Heading>
          <Stack component="ul" gap={8} px="sm" m={0} style={{ listStyle: "none" }}>
            {shut.map(({ page, roles }) => (
              <Group key={page.path} component="li" gap={10} wrap="nowrap" align="flex-start" c="dimmed">
                <IconLock size={18} stroke={1.6} aria-hidden style={{ flexShrink: 0 }} />
                <div>
                  <Text size="sm">{page.title}</Text>
                  <Text size="xs">needs {anyOf(roles)}</Text>
                </div>
              </Group>
            ))}
          </Stack>
        </div>
      )}
    </>
  );
}

const Entry = memo(function Entry({ page, isHere, onLeave }: { page: Page; isHere: boolean; onLeave: () => void }) {
  return (
    <NavLink
      component={Link}
      to={home(page)}
      label={page.title}
      leftSection={<page.icon size={18} stroke={1.6} />}
      active={isHere}
      {...(isHere && { "aria-current": "page" as const })}
      onClick={onLeave}
      py={7}
      style={{ borderRadius: "var(--mantine-radius-sm)" }}
    />
  );
});

function Heading({ children }: { children: string }) {
  return (
    <Text size="xs" c="dimmed" px="sm" pt="md" pb={4} fw={600}>
      {children}
    </Text>
  );
}

/** Whoever is in no marketplace is shown where to choose one, whatever the address says of pages in it. */
function withoutMarketplace(pathname: string, open: Page[]): string {
  return open.some((page) => isAt(page, pathname)) ? pathname : "/marketplaces";
}

function isAt(page: Page, pathname: string): boolean {
  const at = home(page);
  return pathname === at || (at !== "/" && pathname.startsWith(`${at}/`));
}

function grouped(pages: Page[]): [string, Page[]][] {
  const found = new Map<string, Page[]>();
  for (const page of pages) found.set(page.group ?? "", [...(found.get(page.group ?? "") ?? []), page]);
  return [...found];
}
