import { Anchor, Collapse } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";

interface Props {
  /** What is inside: "Facets". */
  label: string;
  /** How much of it is in use, which is told while it is closed. */
  used?: number;
  children: ReactNode;
}

/** Closed at first where there is little room, so that what a page is about comes into sight; elsewhere its content alone. */
export function Fold({ label, used = 0, children }: Props) {
  const isWide = useMediaQuery("(min-width: 48em)", true, { getInitialValueInEffect: false });
  const [opened, { toggle }] = useDisclosure();
  if (isWide) return children;
  return (
    <div>
      <Anchor component="button" type="button" size="sm" underline="always" onClick={toggle} aria-expanded={opened}>
        {label}
        {used > 0 && ` (${used})`}
      </Anchor>
      <Collapse expanded={opened} mt={opened ? "xs" : 0}>
        {children}
      </Collapse>
    </div>
  );
}
