import { useSearchParams } from "react-router";

/** What is open beside a list, kept in the page's address. */
export function useShown(name = "id"): [string | undefined, (id: string | undefined) => void] {
  const [params, setParams] = useSearchParams();
  const show = (id: string | undefined) =>
    setParams((former) => {
      const next = new URLSearchParams(former);
      if (id === undefined) next.delete(name);
      else next.set(name, id);
      return next;
    });
  return [params.get(name) ?? undefined, show];
}
