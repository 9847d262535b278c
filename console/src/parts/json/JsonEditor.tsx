import { Input, Skeleton } from "@mantine/core";
import { Suspense, createContext, lazy, useContext, useId } from "react";
import classes from "./JsonEditor.module.css";

const Editor = lazy(() => import("./Editor"));

/** Whether editors below are to be read only, as a disabled fieldset has it of its fields. */
export const Shut = createContext(false);

interface Props {
  label: string;
  description?: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  /** Lines that it is high at least. */
  minLines?: number;
}

/** An editor of JSON as text, loaded when it is shown; what is no JSON is marked where it stands. */
export function JsonEditor({ label, description, value, onChange, error, minLines = 6 }: Props) {
  const id = useId();
  const readOnly = useContext(Shut);
  return (
    <Input.Wrapper label={label} labelElement="div" description={description} error={error} labelProps={{ id }}>
      <div className={classes.frame} data-error={error !== undefined || undefined} data-shut={readOnly || undefined}>
        <Suspense fallback={<Skeleton height={minLines * 20} />}>
          <Editor label={label} value={value} onChange={onChange} minLines={minLines} readOnly={readOnly} />
        </Suspense>
      </div>
    </Input.Wrapper>
  );
}
