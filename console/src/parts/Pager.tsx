import { Pagination } from "@mantine/core";

/** Leads through the pages of a list; nothing where there is one. */
export function Pager({ pages, page, onChange }: { pages: number; page: number; onChange: (page: number) => void }) {
  if (pages < 2) return null;
  return (
    <Pagination
      total={pages}
      value={page}
      onChange={onChange}
      size="sm"
      getControlProps={(control) => ({ "aria-label": `To the ${control} page` })}
      getItemProps={(each) => ({ "aria-label": `Page ${each}` })}
    />
  );
}
