import { Checkbox, Fieldset, MultiSelect, Stack } from "@mantine/core";
import { Organizations } from "@ordercloud/portal-javascript-sdk";
import { useState } from "react";
import { useDocument } from "../../api/document";
import { PersonPicker } from "../../parts/PersonPicker";
import { SubmitForm } from "../../parts/SubmitForm";
import { useSubmit } from "../../parts/useSubmit";
import { useRefresh } from "../../session/account";
import { type Organization, inPortal } from "../../session/portal";
import { type Given, NO_RIGHTS, type Rights } from "../../session/rights";
import { renewAll } from "../../session/tokens";
import { type Of, idOf } from "./AccessList";

interface Props {
  organization: Organization;
  of: Of;
  /** Nobody: then it asks whom to invite. */
  given: Given | undefined;
  onDone: () => void;
}

/** Whom to invite, and what he may do; or what somebody may do from now on. */
export function AccessForm({ organization, of, given, onDone }: Props) {
  const refresh = useRefresh();
  const [who, setWho] = useState(given === undefined ? "" : idOf(given));
  const [rights, setRights] = useState<Rights>(given ?? NO_RIGHTS);
  const change = (some: Partial<Rights>) => setRights((former) => ({ ...former, ...some }));
  const form = useSubmit(async () => {
    const { Roles, IsAdmin, ImpersonateSeller, ImpersonateSupplier, ImpersonateBuyer } = rights;
    const asked = { Roles, IsAdmin, ImpersonateSeller, ImpersonateSupplier, ImpersonateBuyer };
    await inPortal((options) =>
      of === "accounts"
        ? Organizations.SaveUserAssignment(organization.Id, who.trim(), asked, options)
        : Organizations.SaveTeamAssignment(organization.Id, who.trim(), asked, options),
    );
    // Tokens end with what was changed; those may have been one's own.
    if (given !== undefined) await renewAll();
    await refresh();
    onDone();
  });
  return (
    <SubmitForm form={form} action={given === undefined ? "Invite" : "Save"} disabled={who.trim() === ""} onCancel={onDone}>
      {given === undefined && <PersonPicker of={of} label={of === "accounts" ? "Username" : "Team"} value={who} onChange={setWho} />}
      <RolesInput value={rights.Roles} onChange={(Roles) => change({ Roles })} />
      <Fieldset legend="May act as users of the marketplace that are">
        <Stack gap="xs">
          <Checkbox label="Sellers" checked={rights.ImpersonateSeller} onChange={(event) => change({ ImpersonateSeller: event.currentTarget.checked })} />
          <Checkbox
            label="Suppliers"
            checked={rights.ImpersonateSupplier}
            onChange={(event) => change({ ImpersonateSupplier: event.currentTarget.checked })}
          />
          <Checkbox label="Buyers" checked={rights.ImpersonateBuyer} onChange={(event) => change({ ImpersonateBuyer: event.currentTarget.checked })} />
        </Stack>
      </Fieldset>
      <Checkbox
        label="Administrator"
        description="Changes the name, people and rights, also its own."
        checked={rights.IsAdmin}
        onChange={(event) => change({ IsAdmin: event.currentTarget.checked })}
      />
    </SubmitForm>
  );
}

/** Roles of the API, as the server's document names them. */
function RolesInput({ value, onChange }: { value: string[]; onChange: (roles: string[]) => void }) {
  const document = useDocument();
  const known = new Set(["FullAccess", ...value]);
  for (const { roles } of document.data?.operations.values() ?? []) for (const role of roles) known.add(role);
  return (
    <MultiSelect
      label="Roles of its tokens"
      description="Also as a user: a token has the roles that both have."
      data={[...known].sort()}
      value={value}
      onChange={onChange}
      searchable
      clearable
      maxDropdownHeight={260}
      nothingFoundMessage="No role is called so"
      clearButtonProps={{ "aria-label": "No roles" }}
    />
  );
}
