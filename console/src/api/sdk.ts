// The official SDKs, set to this server. They are never given a token to keep, for they keep them in cookies: each call names its own.
import { Configuration as PortalConfiguration } from "@ordercloud/portal-javascript-sdk";
import { Configuration } from "ordercloud-javascript-sdk";

Configuration.Set({ baseApiUrl: window.location.origin, timeoutInMilliseconds: 60_000 });
PortalConfiguration.Set({ baseApiUrl: `${window.location.origin}/api/v1`, timeoutInMilliseconds: 60_000 });
