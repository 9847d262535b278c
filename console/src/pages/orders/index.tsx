import { SegmentedControl } from "@mantine/core";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { type Document, useDocument } from "../../api/document";
import { useApi } from "../../api/useApi";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { ListView } from "../../parts/listing/ListView";
import type { Cells } from "../../parts/listing/Rows";
import { useListing } from "../../parts/listing/useListing";
import { OneOrder } from "./OneOrder";
import { exact, shown } from "./money";

const COLUMNS = ["ID", "Status", "DateCreated", "Total", "FromCompanyID", "FromUser.Username", "DateSubmitted", "LineItemCount", "Currency"];

const AMOUNTS: Cells = { Total: ({ Total, Currency }) => shown(exact(Total as number | null), Currency as string | null) };

/** Which orders there are to somebody: a shopper's are his own, whatever role he lacks; companies send them, or get them. */
const DIRECTIONS: Record<string, string[]> = { buyer: ["Outgoing"], supplier: ["Incoming", "Outgoing"] };
const EVERY = ["All", "Incoming", "Outgoing"];
const READERS = ["FullAccess", "OrderAdmin", "OrderReader"];

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
  const { acting } = useApi();
  const reads = READERS.some((role) => acting.roles.includes(role));
  const list = document.operations.get(reads ? "Orders.List" : "Me.ListOrders");
  const directions = reads ? (DIRECTIONS[acting.userType] ?? EVERY) : ["Outgoing"];
  const named = params.get("direction") ?? "";
  const direction = directions.includes(named) ? named : (directions[0] ?? "All");
  if (list === undefined) return null;
  return (
    <ListView
      document={document}
      list={list}
      path={list.path.replace("{direction}", direction)}
      listing={listing}
      change={change}
      cells={AMOUNTS}
      onOpen={(item) => navigate(`/orders/${direction}/${encodeURIComponent(String(item.ID))}`)}
      actions={
        directions.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Direction"
            data={directions}
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
        )
      }
    />
  );
}
