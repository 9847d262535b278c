import react from "@vitejs/plugin-react";
import { type Plugin, defineConfig } from "vite";

/** Where `npm run dev` finds the API: a server that runs. */
const SERVER = process.env.ENTREPOT_URL ?? "http://localhost:8080";

/** The portal's SDK asks by evaluated code whether it runs in Node, which the server's content policy forbids. It does not. */
const EVALUATED = /new Function\("try \{return this===global;\}catch\(e\)\{return false;\}"\)/;

const withoutEvaluatedCode: Plugin = {
  name: "without-evaluated-code",
  transform(code, id) {
    if (!id.includes("portal-javascript-sdk")) return null;
    if (!EVALUATED.test(code)) this.error("The portal's SDK has changed: does it still evaluate code?");
    return { code: code.replace(EVALUATED, "() => false"), map: null };
  },
};

export default defineConfig({
  plugins: [withoutEvaluatedCode, react()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        // Paths are compared without regard to case, so no letter of a name may depend on it.
        hashCharacters: "hex",
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ["/v1", "/oauth", "/api", "/entrepot", "/env", "/docs"].map((path) => [path, { target: SERVER }]),
    ),
  },
});
