import { useQuery } from "@tanstack/react-query";
import { Me, type MeUser } from "ordercloud-javascript-sdk";
import { useApi } from "../api/useApi";

/** The record of whoever is current. */
export function useMe() {
  const { key, call } = useApi();
  return useQuery({ queryKey: [key, "me"], queryFn: () => call((options) => Me.Get(options)), staleTime: 300_000 });
}

/** The marketplace's ID, as far as the user's record tells it. */
export function marketplaceOf(me: MeUser | undefined): string | undefined {
  return me?.Seller?.ID ?? undefined;
}

/** Sandbox, Staging or Production, and the version of the API; asked for when it is to be seen. */
export function useEnvironment(seen = true) {
  return useQuery({
    enabled: seen,
    queryKey: ["environment"],
    queryFn: async () => (await (await fetch("/env")).json()) as { Environment: string; BuildNumber: string },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
