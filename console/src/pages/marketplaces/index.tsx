import { useLocation } from "react-router";
import { AllMarketplaces } from "./AllMarketplaces";
import { OneMarketplace } from "./OneMarketplace";

/** The account's marketplaces, and one of them: its name, its people, what becomes of it (PORT-5 to PORT-10). */
export default function Marketplaces() {
  // By the address alone: under the path of another page this stands in for it, until somebody has entered a marketplace.
  const id = /^\/marketplaces\/([^/]+)/.exec(useLocation().pathname)?.[1];
  return id === undefined ? <AllMarketplaces /> : <OneMarketplace key={id} id={decodeURIComponent(id)} />;
}
