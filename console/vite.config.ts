import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` finds the API: a server that runs. */
const SERVER = process.env.ENTREPOT_URL ?? "http://localhost:8080";

export default defineConfig({
  plugins: [react()],
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
