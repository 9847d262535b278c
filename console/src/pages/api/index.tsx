import { Button, Drawer, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconListSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { type Document, useDocument } from "../../api/document";
import { Loaded } from "../../parts/Loaded";
import { PageFrame } from "../../parts/PageFrame";
import { History, SavedRequests } from "./HistoryView";
import { OperationView } from "./OperationView";
import { Tree } from "./Tree";
import classes from "./api.module.css";
import { BODY } from "./kept";
import { type Draft, draftOf } from "./request";

/** Every operation of the server as a form (CON-1 to CON-5). */
export default function ApiConsole() {
  const document = useDocument();
  const [opened, drawer] = useDisclosure();
  const isWide = useMediaQuery("(min-width: 62em)", true, { getInitialValueInEffect: false });
  return (
    <PageFrame
      title="API console"
      actions={
        !isWide && (
          <Button variant="default" leftSection={<IconListSearch size={16} />} onClick={drawer.open}>
            Operations
          </Button>
        )
      }
    >
      <Loaded query={document} what="Loading the operations">
        {(loaded) => (
          <div className={classes.columns}>
            {isWide ? (
              <aside className={classes.side} aria-label="Operations">
                <Side document={loaded} onChoose={drawer.close} />
              </aside>
            ) : (
              <Drawer opened={opened} onClose={drawer.close} title="Operations" classNames={{ body: classes.drawer ?? "" }}>
                <Side document={loaded} onChoose={drawer.close} />
              </Drawer>
            )}
            <div className={classes.main}>
              <Chosen document={loaded} />
            </div>
          </div>
        )}
      </Loaded>
    </PageFrame>
  );
}

function Side({ document, onChoose }: { document: Document; onChoose: () => void }) {
  const [shown, setShown] = useState("tree");
  const { operation } = useChosen(document);
  return (
    <Stack gap="xs" h="100%" mih={0}>
      <SegmentedControl
        aria-label="Requests from"
        size="xs"
        fullWidth
        data={[
          { value: "tree", label: "Operations" },
          { value: "history", label: "History" },
          { value: "saved", label: "Saved" },
        ]}
        value={shown}
        onChange={setShown}
      />
      {shown === "tree" && <Tree document={document} current={operation} onChoose={onChoose} />}
      {shown === "history" && <History document={document} onChoose={onChoose} />}
      {shown === "saved" && <SavedRequests document={document} onChoose={onChoose} />}
    </Stack>
  );
}

/** The operation of the address, and what its query fills in. */
function useChosen(document: Document) {
  const { "*": id = "" } = useParams();
  const [search] = useSearchParams();
  return { operation: document.operations.get(id), id, search };
}

/** Forms as they were left, of this visit. */
const drafts = new Map<string, Draft>();

function Chosen({ document }: { document: Document }) {
  const { operation, id, search } = useChosen(document);
  const asked = search.toString();
  const start = useMemo(() => {
    if (operation === undefined) return undefined;
    if (asked === "") return drafts.get(id) ?? draftOf(operation, "", {});
    const rest = new URLSearchParams(asked);
    const body = rest.get(BODY) ?? undefined;
    rest.delete(BODY);
    return draftOf(operation, rest.toString(), {}, body);
  }, [operation, id, asked]);
  if (operation === undefined || start === undefined) {
    return (
      <Text c="dimmed">
        {id === "" ? `Choose one of ${document.operations.size} operations.` : `This server has no operation ${id}.`}
      </Text>
    );
  }
  return (
    <OperationView
      key={`${id}?${asked}`}
      document={document}
      operation={operation}
      start={start}
      onDraft={(draft) => drafts.set(id, draft)}
    />
  );
}
