import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "react";
import { HashRouter, Route, Routes, useLocation } from "react-router";
import { isRefused } from "../api/problem";
import { PAGES, isOf } from "../pages";
import { Boundary } from "../parts/Boundary";
import { Waiting } from "../parts/Waiting";
import { useSession } from "../session/store";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { readable, theme } from "./theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      // A refusal stays one; a server that does not answer may come back.
      retry: (failures, error) => !isRefused(error) && failures < 2,
      // The server may be on this machine, or the network's: what the browser knows of the internet says nothing of it.
      networkMode: "always",
    },
  },
});

/** Paths stand behind the `#`: no page can be mistaken for a route of the API, and what is looked at stays out of logs. */
export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={readable} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <Boundary>
        <QueryClientProvider client={queries}>
          <HashRouter>
            <Gate />
          </HashRouter>
        </QueryClientProvider>
      </Boundary>
    </MantineProvider>
  );
}

function Gate() {
  const { current, account } = useSession();
  if (current !== undefined || account !== undefined) return <Shell acting={current} account={account} />;
  return <ForNobody />;
}

function ForNobody() {
  const { search } = useLocation();
  return (
    <Suspense fallback={<Waiting />}>
      {/* The link of a mail brings its code also where the page is open already. */}
      <Routes key={search}>
        {PAGES.filter((page) => isOf(page, "nobody")).map((page) => (
          <Route key={page.path} path={page.path} element={<page.component />} />
        ))}
        {/* The path stays: whoever signs in comes out where he wanted to. */}
        <Route path="*" element={<SignIn />} />
      </Routes>
    </Suspense>
  );
}
