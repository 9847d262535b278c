import { AppShell, Burger, Group, NavLink, ScrollArea, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBook2 } from "@tabler/icons-react";
import { Suspense } from "react";
import { Link, Navigate, Route, Routes, useLocation } from "react-router";
import { PAGES, type Page, home } from "../pages";
import { Boundary } from "../parts/Boundary";
import { Waiting } from "../parts/Waiting";
import type { Acting } from "../session/store";
import { ContextBar } from "./ContextBar";
import { Mark } from "./Mark";
import { SchemeSwitch } from "./SchemeSwitch";

export function Shell({ acting }: { acting: Acting }) {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 216, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "md", md: "lg" }}
    >
      <a className="skip" href="#main" onClick={skip}>
        Skip to the page
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={opened ? "Close the navigation" : "Open the navigation"}
            />
            <UnstyledButton component={Link} to="/" onClick={close} aria-label="Entrepot, to the start">
              <Mark />
            </UnstyledButton>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ContextBar acting={acting} />
            <SchemeSwitch />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label="Pages">
        <AppShell.Section grow component={ScrollArea} p="xs">
          {groups().map(([group, pages]) => (
            <div key={group}>
              {group && (
                <Text size="xs" c="dimmed" px="sm" pt="md" pb={4} fw={600}>
                  {group}
                </Text>
              )}
              {pages.map((page) => (
                <NavLink
                  key={page.path}
                  component={Link}
                  to={home(page)}
                  label={page.title}
                  leftSection={<page.icon size={18} stroke={1.6} />}
                  active={isAt(page, pathname)}
                  {...(isAt(page, pathname) && { "aria-current": "page" as const })}
                  onClick={close}
                  py={7}
                  style={{ borderRadius: "var(--mantine-radius-sm)" }}
                />
              ))}
            </div>
          ))}
        </AppShell.Section>
        <AppShell.Section p="xs">
          <NavLink href="/docs" target="_blank" label="Reference" leftSection={<IconBook2 size={18} stroke={1.6} />} py={7} />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: "none" }}>
        <Boundary of={pathname}>
          <Suspense fallback={<Waiting />}>
            <Routes>
              {PAGES.map((page) => (
                // Another user sees a page anew: nothing of the one before stays on it.
                <Route key={page.path} path={page.path} element={<page.component key={acting.key} />} />
              ))}
              <Route path="*" element={<Navigate to="/" replace />} />
            </Routes>
          </Suspense>
        </Boundary>
      </AppShell.Main>
    </AppShell>
  );
}

/** The hash is the router's, so that the focus moves by hand. */
function skip(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function isAt(page: Page, pathname: string): boolean {
  const at = home(page);
  return pathname === at || (at !== "/" && pathname.startsWith(`${at}/`));
}

function groups(): [string, Page[]][] {
  const found = new Map<string, Page[]>();
  for (const page of PAGES) found.set(page.group ?? "", [...(found.get(page.group ?? "") ?? []), page]);
  return [...found];
}
