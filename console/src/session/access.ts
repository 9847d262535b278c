// What a token opens. Whether the server answers is the server's to say; this keeps people from asking in vain.
import type { Operation } from "../api/document";
import type { Page } from "../pages";
import type { Acting } from "./store";

/** Roles that a page needs and a token lacks: any of them would do. Nothing where it opens. */
export function lacking(page: Page, acting: Acting): string[] {
  const { roles = [] } = page;
  const opens = roles.length === 0 || acting.roles.includes("FullAccess") || roles.some((role) => acting.roles.includes(role));
  return opens ? [] : ["FullAccess", ...roles.filter((role) => role !== "FullAccess")];
}

/** Whether the token has a role for it; the server says whether its user may. */
export function mayDo(acting: Acting, operation: Operation | undefined): boolean {
  return operation !== undefined && (operation.roles.length === 0 || operation.roles.some((role) => acting.roles.includes(role)));
}

/** "FullAccess, OrderAdmin or OrderReader"; long lists are cut. */
export function anyOf(roles: string[]): string {
  const shown = roles.length > 4 ? [...roles.slice(0, 3), `${roles.length - 3} others`] : roles;
  return shown.length === 1 ? (shown[0] ?? "") : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}
