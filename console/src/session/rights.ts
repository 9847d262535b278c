// What accounts may do in a marketplace, as the portal tells it: more than the SDK's types know (PORT-10).

/** What is given: roles of the API, and as which users the account may act. */
export interface Rights {
  Roles: string[];
  IsAdmin: boolean;
  ImpersonateSeller: boolean;
  ImpersonateSupplier: boolean;
  ImpersonateBuyer: boolean;
}

export interface Known {
  Username: string;
  Name?: string | null;
  Email?: string | null;
}

/** An account's, or a team's, access to a marketplace. */
export interface Given extends Rights {
  User?: Known;
  Team?: { Id: string; Name: string };
  Accepted: boolean;
}

/** All that an account was given, by itself and in teams. */
export interface Contributor extends Omit<Rights, "Roles"> {
  InheritedRoles: string[];
  User: Known;
}

/** As whom it may act: "sellers", "suppliers", "buyers". */
export function impersonated(rights: Omit<Rights, "Roles">): string[] {
  return [
    ...(rights.ImpersonateSeller ? ["sellers"] : []),
    ...(rights.ImpersonateSupplier ? ["suppliers"] : []),
    ...(rights.ImpersonateBuyer ? ["buyers"] : []),
  ];
}

export const NO_RIGHTS: Rights = {
  Roles: [],
  IsAdmin: false,
  ImpersonateSeller: false,
  ImpersonateSupplier: false,
  ImpersonateBuyer: false,
};
