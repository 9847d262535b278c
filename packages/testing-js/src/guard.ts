// `node guard.js DIRECTORY OWNER COMMAND...`: runs a server until the process OWNER has ended, however it ends, or this one is told to
// end; then removes the directory.
import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { alive, ENDED, LOG } from "./directory.js";

const [directory, owner, command, ...args] = process.argv.slice(2) as [string, string, string, ...string[]];
const log = openSync(join(directory, LOG), "w");
const server = spawn(command, args, { stdio: ["ignore", log, log] });
let runs = true;
let isOver = false;

// Before its time perhaps: whoever waits for it is told, and reads the log.
function ended(): void {
  runs = false;
  writeFileSync(join(directory, ENDED), "");
  leaveIfOver();
}

function leaveIfOver(): void {
  if (runs || !isOver) return;
  closeSync(log);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
}

function end(): void {
  isOver = true;
  if (runs) server.kill("SIGTERM");
  leaveIfOver();
}

server.on("exit", ended);
server.on("error", (error) => {
  writeSync(log, `${command}: ${error.message}\n`);
  ended();
});
process.on("SIGTERM", end);
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
setInterval(() => {
  if (!isOver && !alive(Number(owner))) end();
}, 100);
