// The official SDK, set to this server. It is never given a token to keep, for it keeps them in cookies: each call names its own.
import { Configuration } from "ordercloud-javascript-sdk";

Configuration.Set({ baseApiUrl: window.location.origin, timeoutInMilliseconds: 60_000 });
