// One browser for all programs of a test process, each of which has pages of its own in it: a start takes most of a second of a core.
// It says where it is, and ends with its input.
import { createRequire } from "node:module";

const { chromium } = createRequire(import.meta.url)("playwright-core");
const port = process.argv[2];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    `--remote-debugging-port=${port}`,
    // Pages of a program find its process running, with what has been compiled in it.
    "--process-per-site",
    // No page lives long enough for what the best compiler takes.
    "--js-flags=--no-opt",
  ],
});
console.log(`http://127.0.0.1:${port}`);
process.stdin.on("end", () => browser.close()).resume();
