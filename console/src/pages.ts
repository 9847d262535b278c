import { IconBuildingStore, IconHome, IconKey, IconListDetails, IconMailCheck, IconMailOpened, IconMathFunction } from "@tabler/icons-react";
import { IconChartBar } from "@tabler/icons-react";
import { IconQuestionMark, IconReceipt, IconSend, IconTable, IconTerminal2, IconUserCircle, IconUserPlus, IconUsersGroup } from "@tabler/icons-react";
import { type CSSProperties, type ComponentType, type LazyExoticComponent, lazy } from "react";

export interface Page {
  /** As of the router, behind the `#`. What ends with `/*` has paths of its own below. */
  path: string;
  title: string;
  /** One line for the start page. */
  about: string;
  icon: ComponentType<{ size?: number | string; stroke?: number | string; style?: CSSProperties }>;
  component: LazyExoticComponent<ComponentType>;
  /** Stands under this heading in the navigation. */
  group?: string;
  /** Roles of the API, any of which opens it, as FullAccess does; without them every token does. */
  roles?: readonly string[];
  /** Of an account of the portal, whichever marketplace it is in, or of those who are not signed in; else of who acts in a marketplace. */
  of?: "account" | "nobody";
  /** Not in the navigation: links lead there. */
  hidden?: true;
}

const INTEGRATORS = [
  "WebhookAdmin",
  "MessageSenderAdmin",
  "ProductSyncConfigAdmin",
  "EntitySyncConfigAdmin",
  "OrderSyncConfigAdmin",
  "TrackingEventAdmin",
  "ErrorConfigAdmin",
  "IntegrationEventAdmin",
  "DeliveryConfigAdmin",
];

/** All pages, in the order of the navigation: a new one is a folder and a row. */
export const PAGES: Page[] = [
  {
    path: "/",
    title: "Start",
    about: "Where the marketplace is, and who you are in it.",
    icon: IconHome,
    component: lazy(() => import("./pages/start")),
  },
  {
    path: "/api/*",
    title: "API console",
    about: "Every operation as a form: send it, read the answer, take the code along.",
    icon: IconTerminal2,
    component: lazy(() => import("./pages/api")),
  },
  {
    path: "/data/*",
    title: "Data",
    about: "Every list of the API as a table: search, filter, change, export.",
    icon: IconTable,
    component: lazy(() => import("./pages/data")),
  },
  {
    path: "/orders/*",
    title: "Orders",
    about: "Where each order stands, what it costs to the cent, and what has happened.",
    icon: IconReceipt,
    component: lazy(() => import("./pages/orders")),
    roles: ["OrderAdmin", "OrderReader", "Shopper"],
  },
  {
    path: "/why/*",
    title: "Why",
    about: "Why a user sees this at that price, is refused, or gets a discount.",
    icon: IconQuestionMark,
    component: lazy(() => import("./pages/why")),
    roles: ["FullAccess"],
  },
  {
    path: "/expressions/*",
    title: "Expressions",
    about: "Write the conditions and amounts of promotions and approval rules, and try them on a cart.",
    icon: IconMathFunction,
    component: lazy(() => import("./pages/expressions")),
    roles: ["PromotionReader", "PromotionAdmin", "ApprovalRuleReader", "ApprovalRuleAdmin", "OrderAdmin"],
  },
  {
    path: "/deliveries/*",
    title: "Deliveries",
    about: "Webhooks, messages and events as they are sent, a catcher, and the mailbox.",
    icon: IconSend,
    component: lazy(() => import("./pages/deliveries")),
    roles: INTEGRATORS,
  },
  {
    path: "/dashboards",
    title: "Dashboards",
    about: "Orders, revenue, products, carts, requests and deliveries over time.",
    icon: IconChartBar,
    component: lazy(() => import("./pages/dashboards")),
    roles: ["OrderAdmin", "OrderReader", ...INTEGRATORS],
  },
  {
    path: "/logs",
    title: "Logs",
    about: "The requests of the last hours, and everything about each.",
    icon: IconListDetails,
    component: lazy(() => import("./pages/logs")),
    roles: ["FullAccess"],
  },
  {
    path: "/marketplaces/*",
    title: "Marketplaces",
    about: "Enter one, make one; its name, its people and what they may do.",
    icon: IconBuildingStore,
    component: lazy(() => import("./pages/marketplaces")),
    group: "Portal",
    of: "account",
  },
  {
    path: "/teams/*",
    title: "Teams",
    about: "Accounts that get access to marketplaces together.",
    icon: IconUsersGroup,
    component: lazy(() => import("./pages/teams")),
    group: "Portal",
    of: "account",
  },
  {
    path: "/invitations",
    title: "Invitations",
    about: "What others have invited you to.",
    icon: IconMailOpened,
    component: lazy(() => import("./pages/invitations")),
    group: "Portal",
    of: "account",
  },
  {
    path: "/account",
    title: "Account",
    about: "Your name, your e-mail address, how you sign in.",
    icon: IconUserCircle,
    component: lazy(() => import("./pages/account")),
    group: "Portal",
    of: "account",
  },
  {
    path: "/confirm",
    title: "Confirm",
    about: "Takes the code of a mail.",
    icon: IconMailCheck,
    component: lazy(() => import("./pages/confirm")),
    of: "account",
    hidden: true,
  },
  {
    path: "/sign-up",
    title: "Make an account",
    about: "An account of the portal, by a mailed code.",
    icon: IconUserPlus,
    component: lazy(() => import("./pages/sign-up")),
    of: "nobody",
    hidden: true,
  },
  {
    path: "/new-password",
    title: "Choose a new password",
    about: "For who has forgotten it, by a mailed code.",
    icon: IconKey,
    component: lazy(() => import("./pages/new-password")),
    of: "nobody",
    hidden: true,
  },
  {
    path: "/signed-in",
    title: "Sign in",
    about: "Back from GitHub or Google.",
    icon: IconKey,
    component: lazy(() => import("./pages/signed-in")),
    of: "nobody",
    hidden: true,
  },
  {
    path: "/unlock",
    title: "Unlock your account",
    about: "Ends the lock that followed wrong passwords.",
    icon: IconKey,
    component: lazy(() => import("./pages/unlock")),
    of: "nobody",
    hidden: true,
  },
];

/** Whose page it is. */
export function isOf(page: Page, whose: "marketplace" | "account" | "nobody"): boolean {
  return (page.of ?? "marketplace") === whose;
}

/** Where a page begins, as links name it. */
export function home(page: Page): string {
  return page.path.replace(/\/\*$/, "");
}
