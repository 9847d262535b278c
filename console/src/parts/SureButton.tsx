import { Button } from "@mantine/core";
import { useState } from "react";
import { Trouble } from "./Trouble";
import { useSubmit } from "./useSubmit";

interface Props {
  /** "Remove". */
  action: string;
  /** What it is done to. */
  of: string;
  work: () => Promise<unknown>;
}

/** Does what is hard to undo, at the second press. */
export function SureButton({ action, of, work }: Props) {
  const [sure, setSure] = useState(false);
  const doing = useSubmit(work);
  return (
    <>
      <Button
        size="xs"
        variant={sure ? "filled" : "default"}
        {...(sure && { color: "red.9" })}
        loading={doing.busy}
        onClick={() => (sure ? void doing.run() : setSure(true))}
        onBlur={() => setSure(false)}
        aria-label={sure ? `Really ${action.toLowerCase()}? ${of}` : `${action} ${of}`}
      >
        {sure ? `Really ${action.toLowerCase()}?` : action}
      </Button>
      {doing.error !== undefined && <Trouble error={doing.error} />}
    </>
  );
}
