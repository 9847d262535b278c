// The server of a run: found, or started by whichever process of the run first needs it, and used by all.
import { spawn } from "node:child_process";
import { lstat, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pause } from "./answers.js";
import { alive, DATA, ENDED, exists, GUARD, LOG } from "./directory.js";
import { found, NoServerError, type Server } from "./server.js";

const START_MILLISECONDS = 120_000;
const END_MILLISECONDS = 60_000;
// Settings of another server, whose database and mail no test may touch; all others are the tester's to set.
const NOT_FOR_TESTS = ["ENTREPOT_DATABASE_URL", "ENTREPOT_SMTP_URL", "ENTREPOT_BASE_URL"];
const FOR_TESTS = { ENTREPOT_TEST_BENCH: "true", ENTREPOT_CATCHERS: "true", ENTREPOT_PRIVATE_TARGETS: "true" };

/** Where the server is, or how it is started. */
export interface ServerOptions {
  /** A server that runs; else ENTREPOT_URL. Without either one is started. */
  url?: string;
  /** Its demo.json; else ENTREPOT_DEMO_FILE, else .entrepot/demo.json. */
  demoFile?: string;
  /** What runs the command; else ENTREPOT_COMMAND, else `entrepot`. */
  command?: string[];
}

let started: Promise<Server> | undefined;

/** The server of this run: the one that is named, else one that is started with a data directory of its own, and ends with the run. */
export function startServer(options: ServerOptions = {}): Promise<Server> {
  const { ENTREPOT_URL, ENTREPOT_DEMO_FILE = ".entrepot/demo.json" } = process.env;
  const url = options.url ?? (ENTREPOT_URL || undefined);
  if (url) return found(url, options.demoFile ?? ENTREPOT_DEMO_FILE);
  started ??= shared(options.command ?? words(process.env.ENTREPOT_COMMAND ?? "entrepot"));
  return started;
}

/** @internal Ends the server that this process has started. */
export const stopServer = async () => (await started)?.stop();

/** Where a server that this run has started says who may make marketplaces. */
export const demoFileOf = (owner: number) => join(directoryOf(owner), DATA, "demo.json");

/** The process whose end is the end of the run: node:test has a process for each file. */
export const owner = () => (process.env.NODE_TEST_CONTEXT?.startsWith("child") ? process.ppid : process.pid);

const directoryOf = (ofOwner: number) => join(tmpdir(), `entrepot-testing-${userInfo().uid}-${ofOwner}`);

async function shared(command: string[]): Promise<Server> {
  const run = owner();
  const directory = directoryOf(run);
  if (await isFirst(directory)) {
    const environment = { ...process.env, ...FOR_TESTS };
    for (const name of NOT_FOR_TESTS) delete (environment as NodeJS.ProcessEnv)[name];
    const serve = ["serve", "--demo", "--host", "127.0.0.1", "--port", "0", "--data-dir", join(directory, DATA)];
    const guard = fileURLToPath(new URL("guard.js", import.meta.url));
    const child = spawn(process.execPath, [guard, directory, String(run), ...command, ...serve], {
      // Ctrl-C is for the run, whose end the guard sees.
      detached: true,
      stdio: "ignore",
      env: environment,
    });
    await writeFile(join(directory, GUARD), String(child.pid));
    child.unref();
  }
  return ready(directory, run === process.pid ? () => end(directory) : async () => {});
}

/** Whether this process has made the directory. What a run of the same number has left is removed. */
async function isFirst(directory: string): Promise<boolean> {
  for (;;) {
    try {
      // Where root runs the tests, PostgreSQL's account has to pass through.
      await mkdir(directory, { mode: 0o711 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const there = await lstat(directory).catch(() => undefined);
    if (there && (!there.isDirectory() || there.uid !== userInfo().uid)) throw new NoServerError(`${directory} is somebody else's.`);
    const guard = await readFile(join(directory, GUARD), "utf8").catch(() => "");
    if (!guard || alive(Number(guard))) return false;
    await rm(directory, { recursive: true, force: true });
  }
}

/** Once it serves: it tells its address in demo.json. */
async function ready(directory: string, stop: () => Promise<void>): Promise<Server> {
  for (const deadline = performance.now() + START_MILLISECONDS; performance.now() < deadline; await pause(50)) {
    if (await exists(join(directory, ENDED))) {
      throw new NoServerError(`The server for tests did not start:\n${await log(directory)}`);
    }
    const server = await found(undefined, join(directory, DATA, "demo.json"), stop).catch(() => undefined);
    if (server && (await fetch(`${server.url}/readyz`).catch(() => undefined))?.ok) return server;
  }
  throw new NoServerError(`The server for tests was not ready in time:\n${await log(directory)}`);
}

async function end(directory: string): Promise<void> {
  const guard = Number(await readFile(join(directory, GUARD), "utf8").catch(() => ""));
  if (guard) process.kill(guard, "SIGTERM");
  started = undefined;
  for (const deadline = performance.now() + END_MILLISECONDS; performance.now() < deadline; await pause(20)) {
    if (!(await exists(directory))) return;
  }
}

const log = async (directory: string) => (await readFile(join(directory, LOG), "utf8").catch(() => "")).slice(-4000);

/** The words of a command line; those with blanks are in quotes. */
const words = (line: string) => Array.from(line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), (each) => each[1] ?? each[2] ?? each[3]!);
