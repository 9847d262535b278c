// What stays the same from one drawing to the next, so that parts which are given it are drawn only when they show something else.
import { useCallback, useLayoutEffect, useMemo, useRef } from "react";

/** A function of which there is one for good; it does what the latest one would. */
export function useSteady<Given extends unknown[], Answer>(does: (...given: Given) => Answer): (...given: Given) => Answer {
  const latest = useRef(does);
  useLayoutEffect(() => {
    latest.current = does;
  });
  return useCallback((...given: Given) => latest.current(...given), []);
}

/** Plain data: the object of before as long as it holds the same. */
export function useSame<Data>(data: Data): Data {
  const text = JSON.stringify(data);
  return useMemo(() => JSON.parse(text) as Data, [text]);
}
