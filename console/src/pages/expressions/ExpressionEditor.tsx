import { Input, Skeleton } from "@mantine/core";
import { Suspense, lazy, useId } from "react";
import json from "../../parts/json/JsonEditor.module.css";
import classes from "./expressions.module.css";
import type { Fault } from "./told";
import type { Words } from "./words";

const Editor = lazy(() => import("./Editor"));

interface Props {
  name: string;
  label: string;
  description: string;
  longest: number;
  value: string;
  onChange: (value: string) => void;
  words: Words;
  fault: Fault | undefined;
  /** What saving has said. */
  refused: string | undefined;
  onFocus: (insert: (text: string) => void) => void;
}

/** An editor of one expression, with its error in words, and how long it may be. */
export function ExpressionEditor({ name, label, description, longest, value, onChange, words, fault, refused, onFocus }: Props) {
  const id = useId();
  const said = fault?.Message ?? refused;
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={
        <>
          {description} <span className={value.length > longest ? classes.long : undefined}>{`${value.length} of ${longest} characters.`}</span>
        </>
      }
      descriptionProps={{ mb: 4 }}
      error={said === undefined ? undefined : <span data-fault={name}>{said}</span>}
      errorProps={{ role: "status" }}
      labelProps={{ id }}
    >
      <div className={json.frame} data-error={said !== undefined || undefined}>
        <Suspense fallback={<Skeleton height={72} />}>
          <Editor label={label} value={value} onChange={onChange} words={words} fault={fault} onFocus={onFocus} />
        </Suspense>
      </div>
    </Input.Wrapper>
  );
}
