import { Center, Loader, VisuallyHidden } from "@mantine/core";

/** While something is on its way. */
export function Waiting({ what = "Loading" }: { what?: string }) {
  return (
    <Center py="xl" role="status">
      <Loader size="sm" type="dots" aria-hidden />
      <VisuallyHidden>{what}</VisuallyHidden>
    </Center>
  );
}
