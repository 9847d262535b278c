import { type ReactNode, useCallback, useState } from "react";
import classes from "./Wide.module.css";

interface Props {
  label: string;
  /** A table as a rule; the first time it is shown it has what may become wide. */
  children: ReactNode;
}

/** What may be wider than the page, and scrolls then: shades at its edges tell where there is more, for bars are far below or not shown. */
export function Wide({ label, children }: Props) {
  const [before, setBefore] = useState(false);
  const [after, setAfter] = useState(false);
  const look = useCallback(({ scrollLeft, scrollWidth, clientWidth }: Element) => {
    setBefore(scrollLeft > 1);
    setAfter(scrollLeft + clientWidth < scrollWidth - 1);
  }, []);
  const watch = useCallback(
    (element: HTMLDivElement) => {
      const observer = new ResizeObserver(() => look(element));
      observer.observe(element);
      for (const child of element.children) observer.observe(child);
      return () => observer.disconnect();
    },
    [look],
  );
  return (
    <div className={classes.wide}>
      <div ref={watch} className={classes.scrolled} tabIndex={0} role="region" aria-label={label} onScroll={(event) => look(event.currentTarget)}>
        {children}
      </div>
      {before && <span aria-hidden className={classes.shade} data-side="before" />}
      {after && <span aria-hidden className={classes.shade} data-side="after" />}
    </div>
  );
}
