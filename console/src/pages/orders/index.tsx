import { SegmentedControl } from "@mantine/core";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { type Document, useDocument } from "../../api/document";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { ListView } from "../../parts/listing/ListView";
import { useListing } from "../../parts/listing/useListing";
import { OneOrder } from "./OneOrder";

const COLUMNS = ["ID", "Status", "DateCreated", "Total", "FromCompanyID", "FromUser.Username", "DateSubmitted", "LineItemCount", "Currency"];
const DIRECTIONS = ["All", "Incoming", "Outgoing"];

/** Orders, and one of them: where it stands, what it costs, what has happened (CON-5). */
export default function Orders() {
  const [direction, id] = (useParams()["*"] ?? "").split("/");
  if (direction && id) return <OneOrder key={id} direction={direction} id={id} />;
  return (
    <PageFrame title="Orders" about="Where each stands, what it costs to the cent, and what has happened to it.">
      <AllOrders />
    </PageFrame>
  );
}

function AllOrders() {
  const document = useDocument();
  return (
    <Loaded query={document} what="The document is on its way">
      {(known) => <List document={known} />}
    </Loaded>
  );
}

function List({ document }: { document: Document }) {
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const [listing, change] = useListing(COLUMNS, { sort: "!DateCreated" });
  const list = document.operations.get("Orders.List");
  const named = params.get("direction") ?? "";
  const direction = DIRECTIONS.includes(named) ? named : "All";
  if (list === undefined) return null;
  return (
    <ListView
      document={document}
      list={list}
      path={list.path.replace("{direction}", direction)}
      listing={listing}
      change={change}
      onOpen={(item) => navigate(`/orders/${direction}/${encodeURIComponent(String(item.ID))}`)}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Direction"
          data={DIRECTIONS}
          value={direction}
          onChange={(next) =>
            setParams((former) => {
              const found = new URLSearchParams(former);
              found.set("direction", next);
              found.delete("page");
              found.delete("key");
              return found;
            })
          }
        />
      }
    />
  );
}
