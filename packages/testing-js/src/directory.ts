// The directory of a run whose server was started, and what is in it.
import { access } from "node:fs/promises";

/** The guard's process number; that the server has ended; what it has printed; its data. */
export const [GUARD, ENDED, LOG, DATA] = ["guard", "ended", "serve.log", "data"] as const;

export const exists = (path: string) => access(path).then(() => true, () => false);

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
