import { Tabs } from "@mantine/core";
import { useNavigate, useParams } from "react-router";
import { PageFrame } from "../../parts/PageFrame";
import { OfProduct } from "./OfProduct";
import { OfPromotions } from "./OfPromotions";
import { OfRequest } from "./OfRequest";

const TABS = [
  { name: "product", title: "This product, this price", Panel: OfProduct },
  { name: "request", title: "403 or 404", Panel: OfRequest },
  { name: "promotions", title: "This discount", Panel: OfPromotions },
];

/** Why the server decides as it does: answered by what decides. */
export default function Why() {
  const navigate = useNavigate();
  const tab = useParams()["*"] || "product";
  return (
    <PageFrame title="Why" about="Why a user sees what it sees, is refused what it is refused, and pays what it pays.">
      <Tabs value={tab} onChange={(next) => next && navigate(`/why/${next}`)} keepMounted={false}>
        <Tabs.List mb="md">
          {TABS.map(({ name, title }) => (
            <Tabs.Tab key={name} value={name}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ name, Panel }) => (
          <Tabs.Panel key={name} value={name}>
            <Panel />
          </Tabs.Panel>
        ))}
      </Tabs>
    </PageFrame>
  );
}
