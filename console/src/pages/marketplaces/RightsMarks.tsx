import { Mark } from "../../parts/ItemRow";
import { type Rights, impersonated } from "../../session/rights";

/** Rights as marks of a row. */
export function RightsMarks({ rights }: { rights: Rights }) {
  const users = impersonated(rights);
  return (
    <>
      {rights.IsAdmin && <Mark>administrator</Mark>}
      {rights.Roles.length > 0 && <Mark color="gray">{rights.Roles.length === 1 ? rights.Roles[0] : `${rights.Roles.length} roles`}</Mark>}
      {rights.Roles.length === 0 && <Mark color="gray">no roles</Mark>}
      {users.length > 0 && <Mark color="gray">acts as {users.join(", ")}</Mark>}
    </>
  );
}
