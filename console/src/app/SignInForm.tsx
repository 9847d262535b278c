import { SegmentedControl, TextInput } from "@mantine/core";
import { useState } from "react";
import { SecretInput, UsernameInput } from "../parts/inputs";
import { SubmitForm } from "../parts/SubmitForm";
import { useSubmit } from "../parts/useSubmit";
import { act } from "../session/store";
import { type Grant, signIn } from "../session/tokens";

/** The last client and user of this browser; never a secret. */
const REMEMBERED = "entrepot.signIn";

type How = Grant["how"];

const WAYS: { value: How; label: string }[] = [
  { value: "password", label: "User" },
  { value: "client", label: "API client" },
  { value: "guest", label: "Guest" },
];

/** Into a marketplace through one of its API clients. */
export function SignInForm({ onDone }: { onDone?: () => void }) {
  const remembered = recall();
  const [how, setHow] = useState<How>("password");
  const [clientID, setClientID] = useState(remembered.clientID);
  const [username, setUsername] = useState(remembered.username);
  const [secret, setSecret] = useState("");
  const form = useSubmit(async () => {
    const acting = await signIn(grantOf(how, clientID.trim(), username.trim(), secret));
    remember(clientID.trim(), how === "password" ? username.trim() : remembered.username);
    onDone?.();
    act(acting);
  });
  return (
    <SubmitForm form={form} action="Sign in" wide>
      <SegmentedControl
        aria-label="Sign in as"
        data={WAYS}
        value={how}
        onChange={(value) => setHow(value as How)}
        fullWidth
      />
      <TextInput
        label="API client ID"
        required
        value={clientID}
        onChange={(event) => setClientID(event.currentTarget.value)}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
      />
      {how === "password" && (
        <UsernameInput value={username} onChange={setUsername} />
      )}
      {how !== "guest" && (
        <SecretInput
          label={how === "password" ? "Password" : "Client secret"}
          kind={how === "password" ? "current-password" : "off"}
          value={secret}
          onChange={setSecret}
        />
      )}
    </SubmitForm>
  );
}

function grantOf(how: How, clientID: string, username: string, secret: string): Grant {
  switch (how) {
    case "password":
      return { how, clientID, username, password: secret };
    case "client":
      return { how, clientID, secret };
    case "guest":
      return { how, clientID };
  }
}

interface Remembered {
  clientID: string;
  username: string;
}

function recall(): Remembered {
  try {
    const kept = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}") as Partial<Remembered>;
    return { clientID: String(kept.clientID ?? ""), username: String(kept.username ?? "") };
  } catch {
    return { clientID: "", username: "" };
  }
}

function remember(clientID: string, username: string): void {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify({ clientID, username }));
  } catch {
    // A browser that keeps nothing.
  }
}
