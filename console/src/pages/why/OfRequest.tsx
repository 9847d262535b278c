import { Stack } from "@mantine/core";
import { Facts } from "../../parts/Facts";
import { Asking, asked } from "./Asking";
import { Steps } from "./Steps";
import { Verdict } from "./Verdict";
import type { RequestExplanation } from "./explained";

const QUESTIONS = [
  { name: "username", label: "Username", required: true },
  { name: "verb", label: "Verb", required: true, placeholder: "GET" },
  { name: "path", label: "Path", required: true, placeholder: "/v1/me/products/tee" },
  { name: "client", label: "API client ID" },
  { name: "scope", label: "Roles asked for" },
];

/** Why a request of a user is refused, or is not. */
export function OfRequest() {
  return (
    <Asking<RequestExplanation>
      questions={QUESTIONS}
      path={({ username, verb, path, client, scope }) =>
        asked("/entrepot/v1/explain/requests", { username, verb, path: pathIn(path ?? ""), clientID: client, scope })
      }
    >
      {(answer) => (
        <Stack>
          <Verdict good={!answer.IsRefused && answer.OperationID !== null} title={titleOf(answer)} reason={answer.Reason} />
          <Facts
            facts={[
              ["Operation", answer.OperationID],
              ["User", `of ${answer.UserType} ${answer.CompanyID}`],
              ["API client", answer.ClientID],
              ["One of these roles is needed", answer.SufficientRoles.join(", ")],
              ["Roles of the token", answer.Roles.join(", ") || "none"],
            ]}
          />
          <Steps steps={answer.Steps} />
        </Stack>
      )}
    </Asking>
  );
}

/** What was pasted, as a path: without the server before it, with the slash that people leave out. */
function pathIn(given: string): string {
  const path = given.replace(/^https?:\/\/[^/]+/i, "");
  return path.startsWith("/") ? path : `/${path}`;
}

function titleOf({ IsRefused, OperationID, Status, ErrorCode }: RequestExplanation): string {
  if (IsRefused) return `${Status ?? ""} ${ErrorCode ?? ""}`;
  if (OperationID === null) return "It leads to no operation";
  return Status === null ? "It is not refused by token or path" : `${Status}: it is answered`;
}
