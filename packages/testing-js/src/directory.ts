// The directory of a run whose server was started, and what is in it.
import { access } from "node:fs/promises";

/** The guard's process number; what opens the server's test bench; that it has ended; what it has printed; its data. */
export const [GUARD, KEY, ENDED, LOG, DATA] = ["guard", "key", "ended", "serve.log", "data"] as const;

export const exists = (path: string) => access(path).then(() => true, () => false);

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
