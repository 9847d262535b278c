import { Button, Divider, Stack } from "@mantine/core";
import { IconBrandGithub, IconBrandGoogle } from "@tabler/icons-react";
import { Trouble } from "../parts/Trouble";
import { useSubmit } from "../parts/useSubmit";
import { ELSEWHERE, signInElsewhere, useElsewhere } from "../session/elsewhere";

const MARKS: Record<string, typeof IconBrandGithub> = { Github: IconBrandGithub, Google: IconBrandGoogle };

/** Ways into the portal without its password, where the server offers any. */
export function ElsewhereButtons() {
  const names = useElsewhere();
  if (names.length === 0) return null;
  return (
    <Stack gap="xs" mt="md">
      <Divider label="or" />
      {names.map((name) => (
        <ElsewhereButton key={name} name={name} />
      ))}
    </Stack>
  );
}

function ElsewhereButton({ name }: { name: string }) {
  const leaving = useSubmit(() => signInElsewhere(name));
  const Mark = MARKS[name];
  return (
    <>
      <Button variant="default" fullWidth loading={leaving.busy} onClick={() => void leaving.run()} {...(Mark && { leftSection: <Mark size={18} stroke={1.6} /> })}>
        Sign in with {ELSEWHERE[name]}
      </Button>
      {leaving.error !== undefined && <Trouble error={leaving.error} />}
    </>
  );
}
