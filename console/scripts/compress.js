// Packs what was built, once, beside each file: the server only chooses.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const BUILT = new URL("../dist/", import.meta.url).pathname;
const PACKABLE = /\.(js|css|html|svg)$/;
/** Bytes below which packing saves nothing. */
const SMALLEST = 512;

for (const entry of readdirSync(BUILT, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !PACKABLE.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const text = readFileSync(path);
  if (text.length < SMALLEST) continue;
  writeFileSync(`${path}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }));
  writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
}
