import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Accounts, Organizations } from "@ordercloud/portal-javascript-sdk";
import { useState } from "react";
import { useNavigate } from "react-router";
import { CodeForm } from "../../parts/CodeForm";
import { PersonPicker } from "../../parts/PersonPicker";
import { SubmitForm } from "../../parts/SubmitForm";
import { useSubmit } from "../../parts/useSubmit";
import { useRefresh } from "../../session/account";
import { type Organization, inPortal } from "../../session/portal";
import { renewAll } from "../../session/tokens";

type Step = "give" | "given" | "delete" | "deleted";

/** Offering the marketplace to another account, and deleting it: the owner's alone, with a mailed code (PORT-10). */
export function GivingUp({ organization, email }: { organization: Organization; email: string }) {
  const [step, setStep] = useState<Step>();
  const [who, setWho] = useState("");
  const navigate = useNavigate();
  const refresh = useRefresh();
  const giving = useSubmit(async () => {
    await inPortal((options) => Organizations.Transfer(organization.Id, { Username: who.trim() }, options));
    setStep("given");
  });
  const deleting = useSubmit(async () => {
    await inPortal((options) => Organizations.Delete(organization.Id, options));
    setStep("deleted");
  });
  async function confirm(code: string): Promise<void> {
    await inPortal((options) => Accounts.Confirm({ Code: code }, options));
    await renewAll();
    const isGone = step === "deleted";
    notifications.show({
      message: isGone ? `${organization.Name} is deleted.` : `${organization.Name} is offered to ${who.trim()}, and yours until that is accepted.`,
    });
    setStep(undefined);
    await refresh(isGone ? "gone" : undefined);
    if (isGone) navigate("/marketplaces");
  }
  const leave = () => setStep(undefined);
  return (
    <Paper withBorder p="md" component="section" aria-label="Giving it up">
      <Title order={2} size="h4" mb={4}>
        Giving it up
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Either is confirmed by a code that is mailed to you.
      </Text>
      {step === undefined && (
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => setStep("give")}>
            Give it to somebody
          </Button>
          <Button size="xs" variant="outline" color="red" c="var(--mantine-color-error)" onClick={() => setStep("delete")}>
            Delete it
          </Button>
        </Group>
      )}
      <Stack maw={480}>
        {step === "give" && (
          <SubmitForm form={giving} action="Send me the code" disabled={who.trim() === ""} onCancel={leave}>
            <PersonPicker of="accounts" label="New owner" value={who} onChange={setWho} />
            <Text size="sm">
              It is offered, and theirs once they accept it; you go on administering it then. Naming yourself takes an offer back.
            </Text>
          </SubmitForm>
        )}
        {step === "given" && <CodeForm email={email} action={`Offer it to ${who.trim()}`} onCode={confirm} dangerous onCancel={leave} />}
        {step === "delete" && (
          <SubmitForm form={deleting} action="Send me the code" onCancel={leave}>
            <Text size="sm" className="any-text">
              <bdi>{organization.Name}</bdi> answers nobody from then on, and nothing but a backup brings back what it holds.
            </Text>
          </SubmitForm>
        )}
        {step === "deleted" && <CodeForm email={email} action="Delete it for good" onCode={confirm} dangerous onCancel={leave} />}
      </Stack>
    </Paper>
  );
}
