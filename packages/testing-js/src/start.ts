// The server of a run: found, or started by whichever process of the run first needs it, and used by all.
import { spawn } from "node:child_process";
import { lstat, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir, userInfo } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pause } from "./answers.js";
import { alive, DATA, ENDED, exists, GUARD, KEY, LOG } from "./directory.js";
import { NoServerError, Server, type Seed } from "./server.js";

const START_MILLISECONDS = 120_000;
const END_MILLISECONDS = 60_000;
// What the server prints when it serves.
const READY = /^Server +(http\S+) *$/m;
// Settings of another server, whose database and mail no test may touch; all others are the tester's to set.
const NOT_FOR_TESTS = ["ENTREPOT_DATABASE_URL", "ENTREPOT_SMTP_URL", "ENTREPOT_BASE_URL"];
const FOR_TESTS = { ENTREPOT_TEST_BENCH: "true", ENTREPOT_CATCHERS: "true", ENTREPOT_PRIVATE_TARGETS: "true" };

/** Where the server is, or how it is started, and of what it makes marketplaces. */
export interface ServerOptions {
  /** A server that runs; else ENTREPOT_URL. Without either one is started. */
  url?: string;
  /** With which it was started; else ENTREPOT_TEST_BENCH_KEY. */
  key?: string;
  /** Else ENTREPOT_SEED, which is a file where it has an ending; else the demo. */
  seed?: Seed;
  /** What runs the command; else ENTREPOT_COMMAND, else `entrepot`. */
  command?: string[];
}

let started: Promise<Server> | undefined;

/** The server of this run: the one that is named, else one that is started with a data directory of its own, and ends with the run. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { ENTREPOT_URL, ENTREPOT_TEST_BENCH_KEY, ENTREPOT_SEED, ENTREPOT_COMMAND = "entrepot" } = process.env;
  const seed = options.seed ?? seedOf(ENTREPOT_SEED || "demo");
  const url = (options.url ?? ENTREPOT_URL ?? "").replace(/\/+$/, "");
  if (!url) return (started ??= shared(options.command ?? words(ENTREPOT_COMMAND), seed));
  const key = options.key ?? ENTREPOT_TEST_BENCH_KEY;
  if (!key) throw new NoServerError(`ENTREPOT_TEST_BENCH_KEY has to be the key with which the server at ${url} was started.`);
  return new Server(url, key, seed);
}

/** @internal Ends the server that this process has started. */
export const stopServer = async () => (await started)?.stop();

/** @internal What opens the test bench of the server that this run has started. */
export const startedKey = () => readFile(join(directoryOf(owner()), KEY), "utf8");

const seedOf = (said: string): Seed => (extname(said) ? { file: said } : said);

/** The process whose end is the end of the run: node:test has a process for each file. */
const owner = () => (process.env.NODE_TEST_CONTEXT?.startsWith("child") ? process.ppid : process.pid);

const directoryOf = (ofOwner: number) => join(tmpdir(), `entrepot-testing-${userInfo().uid}-${ofOwner}`);

async function shared(command: string[], seed: Seed): Promise<Server> {
  const run = owner();
  const directory = directoryOf(run);
  if (await isFirst(directory)) {
    const key = randomBytes(32).toString("base64url");
    await writeFile(join(directory, KEY), key, { mode: 0o600 });
    const environment: NodeJS.ProcessEnv = { ...process.env, ...FOR_TESTS, ENTREPOT_TEST_BENCH_KEY: key };
    for (const name of NOT_FOR_TESTS) delete environment[name];
    const serve = ["serve", "--no-demo", "--host", "127.0.0.1", "--port", "0", "--data-dir", join(directory, DATA)];
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
  const url = await address(directory);
  const key = await readFile(join(directory, KEY), "utf8");
  return new Server(url, key, seed, run === process.pid ? () => end(directory) : undefined);
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

/** Once it serves, and has printed where. */
async function address(directory: string): Promise<string> {
  for (const deadline = performance.now() + START_MILLISECONDS; performance.now() < deadline; await pause(50)) {
    if (await exists(join(directory, ENDED))) {
      throw new NoServerError(`The server for tests did not start:\n${(await log(directory)).slice(-4000)}`);
    }
    const [, url] = READY.exec(await log(directory)) ?? [];
    if (url) return url;
  }
  throw new NoServerError(`The server for tests was not ready in time:\n${(await log(directory)).slice(-4000)}`);
}

async function end(directory: string): Promise<void> {
  const guard = Number(await readFile(join(directory, GUARD), "utf8").catch(() => ""));
  if (guard) process.kill(guard, "SIGTERM");
  started = undefined;
  for (const deadline = performance.now() + END_MILLISECONDS; performance.now() < deadline; await pause(20)) {
    if (!(await exists(directory))) return;
  }
}

const log = (directory: string) => readFile(join(directory, LOG), "utf8").catch(() => "");

/** The words of a command line; those with blanks are in quotes. */
const words = (line: string) => Array.from(line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), (each) => each[1] ?? each[2] ?? each[3]!);
