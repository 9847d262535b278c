// An integrator's middleware as the vendor shows it: Express, with @ordercloud/catalyst in front of every route.
import { once } from "node:events";
import catalyst from "@ordercloud/catalyst";
import express from "express";

const { respondWithOcFormatError, verifyTokenAsync, withOcUserAuth, withOcWebhookAuth } = catalyst;

/** `hooks` by path: what answers a webhook, given the payload and what its token says. `clients` may have sent the token. */
export async function middleware({ hashKey, clients, hooks }) {
  const app = express();
  app.use(express.json({ verify: (request, _, raw) => (request.rawBody = raw.toString("utf8")) }));
  const received = [];
  for (const [path, { roles = [], types = [], answer }] of Object.entries(hooks)) {
    const handle = async (request, response) => {
      const token = await verifyTokenAsync(request.body.UserToken, roles, types, clients);
      received.push({ path, body: request.body, token: token.payload, delivery: request.get("X-Request-ID") });
      const [status, body] = await answer(request.body, token.raw);
      response.status(status).json(body);
    };
    // Express 4 leaves what an asynchronous handler throws to nobody.
    const guarded = withOcWebhookAuth(handle, hashKey);
    app.post(path, (request, response, next) => guarded(request, response, next).catch(next));
  }
  const whoami = (request, response) => response.json({ user: request.ocToken.payload.usr });
  app.get("/sellers", withOcUserAuth(whoami, ["BuyerReader"], ["Seller"], clients));
  app.get("/strangers", withOcUserAuth(whoami, [], [], ["00000000-0000-4000-8000-000000000000"]));
  app.use((error, request, response, next) => respondWithOcFormatError(error, response));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    received,
    close: () => server.close(),
  };
}
