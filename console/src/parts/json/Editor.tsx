import { json, jsonParseLinter } from "@codemirror/lang-json";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import CodeMirror from "@uiw/react-codemirror";
import { useMemo } from "react";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  minLines: number;
  readOnly: boolean;
}

const check = jsonParseLinter();
const LOOKS = EditorView.theme({
  "&": { fontSize: "0.8125rem", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "2px solid var(--mantine-color-anchor)", outlineOffset: "-2px" },
  ".cm-content": { fontFamily: "var(--mantine-font-family-monospace)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": { backgroundColor: "transparent", border: "0", color: "var(--mantine-color-dimmed)" },
});

/** As `Json` has them. */
const COLORS = HighlightStyle.define([
  { tag: tags.propertyName, color: "light-dark(#5f3dc4, #b4a4f5)" },
  { tag: tags.string, color: "light-dark(#226b36, #8ad39c)" },
  { tag: [tags.number, tags.bool, tags.null], color: "light-dark(#a34700, #f0b27a)" },
]);

/** CodeMirror, set to JSON. Tab leaves it, as it leaves every other field. */
export default function Editor({ label, value, onChange, minLines, readOnly }: Props) {
  const extensions = useMemo(
    () => [
      json(),
      linter((view) => (view.state.doc.length === 0 ? [] : check(view))),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label }),
      EditorState.tabSize.of(2),
      LOOKS,
      syntaxHighlighting(COLORS),
    ],
    [label],
  );
  return (
    <CodeMirror
      value={value}
      onChange={onChange}
      extensions={extensions}
      theme="none"
      readOnly={readOnly}
      minHeight={`${minLines * 1.4}rem`}
      maxHeight="60vh"
      indentWithTab={false}
      basicSetup={{ foldGutter: true, highlightActiveLine: false, highlightActiveLineGutter: false }}
    />
  );
}
