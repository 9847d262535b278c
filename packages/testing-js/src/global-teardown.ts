import { stopServer } from "./start.js";

/** For Jest: ends what global-setup has started, and waits for it. Without it the server ends by itself after the run. */
export default stopServer;
