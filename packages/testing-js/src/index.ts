// Tests of what is built on Entrepot: docs/guide/testing.md.
export { RefusedError, type Send, type Within } from "./answers.js";
export type { Clock, Done, Duration, Moment } from "./clock.js";
export { withMarketplace, type Given } from "./each.js";
export type { Mailbox, Message, To } from "./mailbox.js";
export type { Login, Marketplace, ReceiverAnswer, User } from "./marketplace.js";
export type { Received, Receiver } from "./receiver.js";
export { NoServerError, SeedError, type MarketplaceOptions, type Seed, type Server } from "./server.js";
export { startServer, type ServerOptions } from "./start.js";
