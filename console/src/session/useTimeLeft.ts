import { useEffect, useState } from "react";

/** Milliseconds until a moment, by the second; 0 when it is over. */
export function useTimeLeft(until: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return Math.max(0, until - now);
}

/** "9:05", or "10 h 2 min" where it is long. */
export function spelled(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
