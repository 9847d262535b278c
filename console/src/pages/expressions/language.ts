// CodeMirror's view of expressions: colours, completion, and what is said of a word under the pointer.
import { type Completion, type CompletionContext, type CompletionResult, autocompletion, snippetCompletion } from "@codemirror/autocomplete";
import { HighlightStyle, StreamLanguage, type StringStream, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView, hoverTooltip } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { type Place, type Words, below, functionsOn, placeAt, rootsAt, saidOf } from "./words";

const COLORS = HighlightStyle.define([
  { tag: tags.string, color: "light-dark(#226b36, #8ad39c)" },
  { tag: [tags.number, tags.bool, tags.literal], color: "light-dark(#a34700, #f0b27a)" },
  { tag: tags.keyword, color: "light-dark(#a61e6a, #f4a3cc)", fontWeight: "600" },
  { tag: tags.function(tags.variableName), color: "light-dark(#5f3dc4, #b4a4f5)" },
  { tag: tags.variableName, color: "light-dark(#0b6470, #7bc7d0)" },
]);

/** words: as they are when they are asked for, so that another order does not make the editor anew. */
export function expressions(words: () => Words): Extension {
  return [
    StreamLanguage.define({ name: "expression", token: (stream) => tokenOf(stream, words()) }),
    syntaxHighlighting(COLORS),
    autocompletion({ override: [(context) => completed(context, words())], icons: false, interactionDelay: 0 }),
    hoverTooltip((view, position) => {
      const said = saidOf(view.state.doc.toString(), position, words());
      if (said === undefined) return null;
      return { pos: said.from, end: said.to, above: true, create: () => ({ dom: told(said.title, said.about) }) };
    }),
    EditorView.lineWrapping,
  ];
}

function tokenOf(stream: StringStream, words: Words): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match(/^'(?:[^'\\]|\\[^]|'')*'?/)) return "string";
  if (stream.match(/^#[^#]*#?/)) return "literal";
  if (stream.match(/^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/)) return "number";
  const name = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u);
  if (!Array.isArray(name)) {
    stream.next();
    return null;
  }
  const word = String(name[0]).toLowerCase();
  if (words.operators.some(({ Symbols }) => Symbols.includes(word))) return "keyword";
  if (word === "true" || word === "false") return "bool";
  return stream.match(/^\s*\(/, false) ? "variableName.function" : "variableName";
}

function completed(context: CompletionContext, words: Words): CompletionResult | null {
  const place = placeAt(context.state.doc.toString(), context.pos, words);
  if (place === undefined) return null;
  const isBegun = context.pos > place.from || place.above.length > 0;
  if (!isBegun && !context.explicit) return null;
  const options = place.above.length > 0 ? afterDot(place, words) : atStart(place, words);
  return options.length === 0 ? null : { from: place.from, options, validFor: /^[\p{L}\p{N}_]*$/u };
}

function atStart(place: Place, words: Words): Completion[] {
  const roots = rootsAt(place, words).filter(({ Name }) => Name !== "");
  return [
    ...(place.inLines && !place.inArray ? properties(below(["Product"], place, words).length > 0 ? bare(words) : [], 1) : []),
    ...roots.map(({ Name, About }) => ({ label: Name, type: "variable", info: About, boost: 3 })),
    ...functions(place, words),
    ...words.operators
      .filter(({ Symbols: [usual = ""] }) => /\w/.test(usual))
      .map(({ Symbols: [usual = ""], About }) => ({ label: usual, type: "keyword", info: About, boost: -1 })),
    ...words.literals.filter(({ Example }) => /^\w+$/.test(Example)).map(({ Example, About }) => ({ label: Example, type: "keyword", info: About, boost: -1 })),
  ];
}

function afterDot(place: Place, words: Words): Completion[] {
  return [...properties(below(place.above, place, words), 1), ...functions(place, words)];
}

/** The properties of a line item, which a filter over items names as they are. */
function bare(words: Words) {
  return (words.paths.get("LineItem") ?? []).filter(({ Path }) => !Path.includes("."));
}

function properties(paths: { Path: string; Type: string | null; Sample: string | null }[], boost: number): Completion[] {
  return paths.map(({ Path, Type, Sample }) => ({
    label: Path,
    type: "property",
    boost: boost + (Sample === null ? 0 : 1),
    ...(Type !== null && { detail: Type }),
    ...(Sample !== null && { info: `In the order: ${Sample}` }),
  }));
}

function functions(place: Place, words: Words): Completion[] {
  return functionsOn(place.above, place, words).map(({ Name, Shape, About, Most }) => {
    const shown = { label: Name, detail: Shape.slice(Shape.indexOf("(")), info: About, type: "function" };
    return Most === 0 ? { ...shown, apply: `${Name}()` } : snippetCompletion(`${Name}(\${})`, shown);
  });
}

function told(title: string, about: string): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "cm-said";
  const name = document.createElement("code");
  name.textContent = title;
  const text = document.createElement("p");
  text.textContent = about;
  dom.append(name, text);
  return dom;
}
