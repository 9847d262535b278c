import { Tabs } from "@mantine/core";
import { useNavigate, useParams } from "react-router";
import { type Document, useDocument } from "../../api/document";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { Catchers } from "./Catchers";
import { Log } from "./Log";
import { Mailbox } from "./Mailbox";
import { Targets } from "./Targets";

const TABS = { log: "Deliveries", targets: "Targets", catcher: "Catcher", mailbox: "Mailbox" };

/**
 * What the marketplace tells others: each delivery with its attempts, where they go, what a catcher receives, and
 * the messages that nothing sends (CON-7).
 */
export default function Deliveries() {
  const document = useDocument();
  return (
    <PageFrame title="Deliveries" about="What is sent to other systems as it happens, where it goes, what a catcher of your own receives, and the messages that nothing sends.">
      <Loaded query={document} what="The document is on its way">
        {(known) => <Parts document={known} />}
      </Loaded>
    </PageFrame>
  );
}

function Parts({ document }: { document: Document }) {
  const navigate = useNavigate();
  const named = useParams()["*"] ?? "";
  const tab = named in TABS ? named : "log";
  return (
    <Tabs value={tab} onChange={(next) => navigate(next === "log" ? "/deliveries" : `/deliveries/${next}`)} keepMounted={false}>
      <Tabs.List mb="md">
        {Object.entries(TABS).map(([name, title]) => (
          <Tabs.Tab key={name} value={name}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="log">
        <Log document={document} />
      </Tabs.Panel>
      <Tabs.Panel value="targets">
        <Targets document={document} />
      </Tabs.Panel>
      <Tabs.Panel value="catcher">
        <Catchers document={document} />
      </Tabs.Panel>
      <Tabs.Panel value="mailbox">
        <Mailbox document={document} />
      </Tabs.Panel>
    </Tabs>
  );
}
