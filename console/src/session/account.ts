import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CurrentUser } from "@ordercloud/portal-javascript-sdk";
import { inPortal } from "./portal";
import { type Account, useSession } from "./store";

/** The account that is signed in, and what comes first in the keys of its queries. */
export function usePortal(): { account: Account; key: readonly [string, string] } {
  const { account } = useSession();
  if (account === undefined) throw new Error("Nobody is signed in to the portal.");
  return { account, key: ["portal", account.username] };
}

/** What the account says of itself. Its username is not always what somebody has signed in with. */
export function useAccount() {
  const { key } = usePortal();
  return useQuery({ queryKey: [...key, "me"], queryFn: () => inPortal((options) => CurrentUser.Get(options)), staleTime: 300_000 });
}

/** What the portal has told is asked for anew; "gone": once a page shows it, for the present one is about something that is no more. */
export function useRefresh(): (what?: "gone") => Promise<void> {
  const queries = useQueryClient();
  const { key } = usePortal();
  return (what) => queries.invalidateQueries({ queryKey: key, refetchType: what === "gone" ? "none" : "active" });
}
