import { Button, Group, Paper, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Accounts, CurrentUser } from "@ordercloud/portal-javascript-sdk";
import { type ReactNode, useState } from "react";
import { CodeForm } from "../../parts/CodeForm";
import { Mark } from "../../parts/ItemRow";
import { EmailInput, NameInput, SecretInput, UsernameInput } from "../../parts/inputs";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { SubmitForm } from "../../parts/SubmitForm";
import { Trouble } from "../../parts/Trouble";
import { useSubmit } from "../../parts/useSubmit";
import { useAccount, usePortal, useRefresh } from "../../session/account";
import { useElsewhere } from "../../session/elsewhere";
import { inPortal } from "../../session/portal";
import { getSession, keepAccount } from "../../session/store";
import { renewAll } from "../../session/tokens";
import { WaysIn } from "./WaysIn";

type Person = Awaited<ReturnType<typeof CurrentUser.Get>>;

/** The account's own page: what it says of itself, its address, its password (PORT-3). */
export default function AccountPage() {
  const me = useAccount();
  const offered = useElsewhere();
  return (
    <PageFrame narrow title="Account" about="By which you sign in to the portal. Users of marketplaces are others.">
      <Loaded query={me} what="Your account is on its way">
        {(person) => (
          <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
            <Stack>
              <Part title="You">
                <AboutYou person={person} />
              </Part>
              <Part title="E-mail">
                <Email person={person} />
              </Part>
            </Stack>
            <Stack>
              <Part title="Password">
                <Password />
              </Part>
              {offered.length > 0 && (
                <Part title="Ways to sign in">
                  <WaysIn offered={offered} />
                </Part>
              )}
            </Stack>
          </SimpleGrid>
        )}
      </Loaded>
    </PageFrame>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      {children}
    </Paper>
  );
}

function AboutYou({ person }: { person: Person }) {
  const { account } = usePortal();
  const refresh = useRefresh();
  const [name, setName] = useState(person.Name ?? "");
  const [username, setUsername] = useState(person.Username);
  const [country, setCountry] = useState(person.Country ?? "");
  const form = useSubmit(async () => {
    const next = { ...person, Name: name.trim(), Username: username.trim(), Country: country.trim() };
    const saved = await inPortal((options) => CurrentUser.Save(next, options));
    await refresh();
    notifications.show({ message: "Saved." });
    // Last: under another name the page begins anew.
    keepAccount({ ...(getSession().account ?? account), username: saved.Username });
  });
  return (
    <SubmitForm form={form} action="Save">
      <NameInput label="Name" value={name} onChange={setName} />
      <UsernameInput
          description="By which you sign in and others invite you."
          value={username}
          onChange={setUsername}
        />
      <TextInput label="Country" value={country} onChange={(event) => setCountry(event.currentTarget.value)} autoComplete="country" />
    </SubmitForm>
  );
}

function Email({ person }: { person: Person }) {
  const refresh = useRefresh();
  const [asked, setAsked] = useState<string>();
  const [changing, setChanging] = useState(false);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const change = useSubmit(async () => {
    await inPortal((options) => CurrentUser.ChangeEmail({ Email: email.trim(), Password: password }, options));
    setAsked(email.trim());
  });
  const verify = useSubmit(async () => {
    await inPortal((options) => CurrentUser.VerifyEmail({}, options));
    setAsked(person.Email);
  });
  async function confirm(code: string): Promise<void> {
    await inPortal((options) => Accounts.Confirm({ Code: code }, options));
    setAsked(undefined);
    setChanging(false);
    setPassword("");
    await refresh();
  }
  return (
    <Stack gap="sm" align="stretch">
      <Group gap="xs">
        <Text size="sm" className="any-text">
          <bdi>{person.Email}</bdi>
        </Text>
        <Mark color={person.Verified ? "green" : "orange"}>{person.Verified ? "confirmed" : "not confirmed"}</Mark>
      </Group>
      {asked !== undefined && <CodeForm email={asked} action="Confirm" onCode={confirm} onCancel={() => setAsked(undefined)} />}
      {asked === undefined && changing && (
        <SubmitForm form={change} action="Send a code there" onCancel={() => setChanging(false)}>
          <EmailInput label="New e-mail address" value={email} onChange={setEmail} />
          <SecretInput label="Your password" kind="current-password" value={password} onChange={setPassword} />
        </SubmitForm>
      )}
      {asked === undefined && !changing && (
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => setChanging(true)}>
            Change it
          </Button>
          {!person.Verified && (
            <Button size="xs" variant="default" loading={verify.busy} onClick={() => void verify.run()}>
              Confirm it
            </Button>
          )}
        </Group>
      )}
      {verify.error !== undefined && <Trouble error={verify.error} />}
    </Stack>
  );
}

function Password() {
  const { account } = usePortal();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const form = useSubmit(async () => {
    const changed = { CurrentPassword: current, NewPassword: next, RefreshToken: account.refreshToken };
    await inPortal((options) => CurrentUser.ChangePassword(changed, options));
    setCurrent("");
    setNext("");
    await renewAll();
    notifications.show({ message: "The password is changed. All other sessions have ended." });
  });
  return (
    <SubmitForm form={form} action="Change the password">
      <Text size="sm" c="dimmed">
        Your sessions elsewhere end, and all tokens of marketplaces that you have.
      </Text>
      <SecretInput label="Present password" kind="current-password" value={current} onChange={setCurrent} />
      <SecretInput label="New password" kind="new-password" value={next} onChange={setNext} />
    </SubmitForm>
  );
}
