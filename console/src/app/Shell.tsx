import { ActionIcon, Alert, AppShell, Burger, Group, NavLink, ScrollArea, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBook2, IconLogout } from "@tabler/icons-react";
import { Suspense, memo } from "react";
import { Link, Navigate, Route, Routes, useLocation } from "react-router";
import { PAGES, type Page, isOf } from "../pages";
import { Boundary } from "../parts/Boundary";
import { Waiting } from "../parts/Waiting";
import { lacking } from "../session/access";
import { signOutOfPortal } from "../session/portal";
import { type Account, type Acting, useSession } from "../session/store";
import { ContextBar } from "./ContextBar";
import { Mark } from "./Mark";
import { Navigation } from "./Navigation";
import { NeedsAccount } from "./NeedsAccount";
import { NeedsRoles } from "./NeedsRoles";
import { SchemeSwitch } from "./SchemeSwitch";

interface Props {
  /** Nobody: then there are the pages of the account alone. */
  acting: Acting | undefined;
  account: Account | undefined;
}

export function Shell({ acting, account }: Props) {
  const [opened, { toggle, close }] = useDisclosure();
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
          <Group gap="xs" wrap="nowrap" style={{ minWidth: 0 }}>
            {acting !== undefined ? <ContextBar acting={acting} /> : account !== undefined && <AccountBar account={account} />}
            <SchemeSwitch />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label="Pages">
        <AppShell.Section grow component={ScrollArea} p="xs">
          <Navigation acting={acting} account={account} onLeave={close} />
        </AppShell.Section>
        <AppShell.Section p="xs">
          <NavLink href="/docs" target="_blank" label="Reference" leftSection={<IconBook2 size={18} stroke={1.6} />} py={7} />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: "none" }}>
        <Place acting={acting} account={account} />
      </AppShell.Main>
    </AppShell>
  );
}

/** Where the address leads. Alone in looking at it: what stands around is not drawn for each page of a table. */
const Place = memo(function Place({ acting, account }: Props) {
  const { pathname } = useLocation();
  return (
    <Boundary of={pathname}>
      <Suspense fallback={<Waiting />}>{acting === undefined ? <OfAccount account={account} /> : <Inside acting={acting} account={account} />}</Suspense>
    </Boundary>
  );
});

/** The pages of whoever acts in a marketplace, and of his account. */
function Inside({ acting, account }: { acting: Acting; account: Account | undefined }) {
  return (
    <Routes>
      {PAGES.filter((page) => isOf(page, "marketplace")).map((page) => (
        // Another user sees a page anew: nothing of the one before stays on it.
        <Route key={page.path} path={page.path} element={<Guarded key={acting.key} page={page} acting={acting} />} />
      ))}
      {accountPages(account)}
      <Route path="*" element={<Navigate to="/" replace />} />
    </Routes>
  );
}

function Guarded({ page, acting }: { page: Page; acting: Acting }) {
  const roles = lacking(page, acting);
  return roles.length > 0 ? <NeedsRoles page={page} roles={roles} /> : <page.component />;
}

/** Whoever is in no marketplace chooses one; the path of a page in it stays until then. */
function OfAccount({ account }: { account: Account | undefined }) {
  const { ended } = useSession();
  const marketplaces = PAGES.find(({ path }) => path === "/marketplaces/*");
  return (
    <>
      {ended !== undefined && (
        <Alert role="status" color="orange" mb="md" maw={760}>
          {ended.why}
        </Alert>
      )}
      <Routes>
        {accountPages(account)}
        {marketplaces && <Route path="*" element={<marketplaces.component />} />}
      </Routes>
    </>
  );
}

function accountPages(account: Account | undefined) {
  return PAGES.filter((page) => isOf(page, "account")).map((page) => (
    <Route
      key={page.path}
      path={page.path}
      element={account === undefined ? <NeedsAccount page={page} /> : <page.component key={account.username} />}
    />
  ));
}

function AccountBar({ account }: { account: Account }) {
  return (
    <Group gap={4} wrap="nowrap" style={{ minWidth: 0 }}>
      <Text size="sm" c="dimmed" truncate>
        <bdi>{account.username}</bdi>
      </Text>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Sign out" onClick={() => void signOutOfPortal()}>
        <IconLogout size={18} stroke={1.6} />
      </ActionIcon>
    </Group>
  );
}

/** The hash is the router's, so that the focus moves by hand. */
function skip(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
