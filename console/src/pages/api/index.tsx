import { Button, Drawer, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconListSearch } from "@tabler/icons-react";
import { type RefObject, useMemo, useRef, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
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
  const navigate = useNavigate();
  const [resent, setResent] = useState(0);
  // Never by an address alone: a link that somebody gives must not send anything.
  const pending = useRef<string>(undefined);
  const side = (loaded: Document) => (
    <Side
      document={loaded}
      onChoose={drawer.close}
      onResend={(link) => {
        pending.current = link;
        setResent((before) => before + 1);
        drawer.close();
        navigate(link);
      }}
    />
  );
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
                {side(loaded)}
              </aside>
            ) : (
              <Drawer opened={opened} onClose={drawer.close} title="Operations" classNames={{ body: classes.drawer ?? "" }}>
                {side(loaded)}
              </Drawer>
            )}
            <div className={classes.main}>
              <Chosen document={loaded} resent={resent} pending={pending} />
            </div>
          </div>
        )}
      </Loaded>
    </PageFrame>
  );
}

interface SideProps {
  document: Document;
  onChoose: () => void;
  onResend: (link: string) => void;
}

function Side({ document, onChoose, onResend }: SideProps) {
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
      {shown === "history" && <History document={document} onChoose={onChoose} onResend={onResend} />}
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

interface ChosenProps {
  document: Document;
  /** How often something was sent again: each time its form is made anew. */
  resent: number;
  /** The address of what is to be sent once it is shown. */
  pending: RefObject<string | undefined>;
}

function Chosen({ document, resent, pending }: ChosenProps) {
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
      key={`${id}?${asked} ${resent}`}
      address={`/api/${id}${asked && `?${asked}`}`}
      pending={pending}
      document={document}
      operation={operation}
      start={start}
      onDraft={(draft) => drafts.set(id, draft)}
    />
  );
}
