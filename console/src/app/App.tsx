import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { HashRouter } from "react-router";
import { isRefused } from "../api/problem";
import { Boundary } from "../parts/Boundary";
import { useSession } from "../session/store";
import { Choice } from "./Choice";
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
  const session = useSession();
  if (session.current !== undefined) return <Shell acting={session.current} />;
  return session.account === undefined ? <SignIn /> : <Choice account={session.account} />;
}
