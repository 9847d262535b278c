import { closeCompletion } from "@codemirror/autocomplete";
import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import { EditorView, keymap } from "@codemirror/view";
import CodeMirror, { type ReactCodeMirrorRef } from "@uiw/react-codemirror";
import { useEffect, useMemo, useRef } from "react";
import { expressions } from "./language";
import type { Fault } from "./told";
import type { Words } from "./words";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  words: Words;
  fault: Fault | undefined;
  /** It is here that somebody writes now: what puts a text in at the cursor. */
  onFocus: (insert: (text: string) => void) => void;
}

const LOOKS = EditorView.theme({
  "&": { fontSize: "0.875rem", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "2px solid var(--mantine-color-anchor)", outlineOffset: "-2px" },
  ".cm-content": { fontFamily: "var(--mantine-font-family-monospace)", padding: "0.5rem 0.25rem" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--mantine-color-error)",
    textDecorationSkipInk: "none",
    backgroundColor: "light-dark(#ffe3e3, #5a1f24)",
  },
  ".cm-lintPoint-error:after": { borderBottomColor: "var(--mantine-color-error)" },
  ".cm-tooltip": {
    backgroundColor: "var(--mantine-color-body)",
    color: "var(--mantine-color-text)",
    border: "1px solid var(--mantine-color-default-border)",
    borderRadius: "var(--mantine-radius-sm)",
    maxWidth: "min(30rem, calc(100vw - 2rem))",
    boxShadow: "var(--mantine-shadow-md)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--mantine-primary-color-filled)",
    color: "#fff",
  },
  ".cm-completionDetail": { fontStyle: "normal", opacity: 1, color: "var(--mantine-color-dimmed)" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { padding: "0.375rem 0.625rem" },
  // Where there is no room beside the list it would lie over it.
  ".cm-completionInfo.cm-completionInfo-left-narrow, .cm-completionInfo.cm-completionInfo-right-narrow": { display: "none" },
  ".cm-said": { padding: "0.375rem 0.625rem" },
  ".cm-said p": { margin: "0.125rem 0 0" },
  ".cm-diagnostic": { padding: "0.375rem 0.625rem" },
});

/** CodeMirror, set to expressions: Ctrl-Space completes, Escape closes, Tab leaves it. */
export default function Editor({ label, value, onChange, words, fault, onFocus }: Props) {
  const editor = useRef<ReactCodeMirrorRef>(null);
  const known = useRef(words);
  known.current = words;
  const extensions = useMemo(
    () => [
      expressions(() => known.current),
      EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
      keymap.of([{ key: "Escape", run: closeCompletion }]),
      LOOKS,
    ],
    [label],
  );
  useEffect(() => {
    const view = editor.current?.view;
    if (view !== undefined) view.dispatch(setDiagnostics(view.state, diagnosed(fault, view.state.doc.length)));
  }, [fault]);
  return (
    <CodeMirror
      ref={editor}
      value={value}
      onChange={onChange}
      onCreateEditor={(view) => view.dispatch(setDiagnostics(view.state, diagnosed(fault, view.state.doc.length)))}
      onFocus={() =>
        onFocus((text) => {
          const view = editor.current?.view;
          view?.dispatch(view.state.replaceSelection(text));
          view?.focus();
        })
      }
      extensions={extensions}
      theme="none"
      minHeight="4.5rem"
      maxHeight="40vh"
      indentWithTab={false}
      basicSetup={{ lineNumbers: false, foldGutter: false, highlightActiveLine: false, autocompletion: false, syntaxHighlighting: false }}
    />
  );
}

/** At the characters that the server names; what ends too early is marked at its last one. */
function diagnosed(fault: Fault | undefined, length: number): Diagnostic[] {
  if (fault?.Position === null || fault === undefined || length === 0) return [];
  const to = Math.min(fault.Position + (fault.Length ?? 0), length);
  const from = Math.min(fault.Position, to);
  return [{ from: from === to ? Math.max(0, from - 1) : from, to, severity: "error", message: fault.Message }];
}
