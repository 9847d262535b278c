import { Alert, Anchor, Paper } from "@mantine/core";
import { Accounts } from "@ordercloud/portal-javascript-sdk";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { CodeInput } from "../../parts/CodeForm";
import { PageFrame } from "../../parts/PageFrame";
import { SubmitForm } from "../../parts/SubmitForm";
import { useSubmit } from "../../parts/useSubmit";
import { useRefresh } from "../../session/account";
import { inPortal } from "../../session/portal";
import { renewAll } from "../../session/tokens";

/** Where mails lead whose code confirms what an account has asked for (PORT-3, PORT-10). */
export default function Confirm() {
  const [params] = useSearchParams();
  const mailed = params.get("code") ?? "";
  // The link of another mail begins anew.
  return <Confirming key={mailed} mailed={mailed} />;
}

function Confirming({ mailed }: { mailed: string }) {
  const [code, setCode] = useState(mailed);
  const [done, setDone] = useState(false);
  const refresh = useRefresh();
  const form = useSubmit(async () => {
    await inPortal((options) => Accounts.Confirm({ Code: code.trim() }, options));
    setDone(true);
    await renewAll();
    await refresh();
  });
  return (
    <PageFrame title="Confirm" about="The code of a mail: about your address, or a marketplace that is to be deleted or given away.">
      {done ? (
        <Alert role="status" color="green" title="Confirmed" maw={480}>
          What you have asked for is done. To your{" "}
          <Anchor component={Link} to="/marketplaces" underline="always" size="sm">
            marketplaces
          </Anchor>
          .
        </Alert>
      ) : (
        <Paper withBorder p="md" maw={480}>
          <SubmitForm form={form} action="Confirm">
            <CodeInput value={code} onChange={setCode} />
          </SubmitForm>
        </Paper>
      )}
    </PageFrame>
  );
}
