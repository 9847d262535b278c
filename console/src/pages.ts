import { IconHome, IconListDetails, IconQuestionMark, IconReceipt, IconSend, IconTable } from "@tabler/icons-react";
import { type CSSProperties, type ComponentType, type LazyExoticComponent, lazy } from "react";
import { IconTerminal2 } from "@tabler/icons-react";

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
}

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
  },
  {
    path: "/why/*",
    title: "Why",
    about: "Why a user sees this at that price, is refused, or gets a discount.",
    icon: IconQuestionMark,
    component: lazy(() => import("./pages/why")),
  },
  {
    path: "/deliveries/*",
    title: "Deliveries",
    about: "Webhooks, messages and events as they are sent, and the mailbox.",
    icon: IconSend,
    component: lazy(() => import("./pages/deliveries")),
  },
  {
    path: "/logs",
    title: "Logs",
    about: "The requests of the last hours, and everything about each.",
    icon: IconListDetails,
    component: lazy(() => import("./pages/logs")),
  },
];

/** Where a page begins, as links name it. */
export function home(page: Page): string {
  return page.path.replace(/\/\*$/, "");
}
