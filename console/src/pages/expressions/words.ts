// Where in an expression somebody is, and what may be written there: by the server's vocabulary.
import type { Kind, Language, Path, Root, Spoken, Vocabulary } from "./told";

/** The vocabulary of one kind of expressions, with the paths that have a value in the chosen order. */
export interface Words {
  language: Language;
  functions: Spoken[];
  operators: Vocabulary["Operators"];
  literals: Vocabulary["Literals"];
  /** By what they are of. */
  paths: Map<string, Path[]>;
}

export interface Place {
  /** The names before the one that is being written: `["order", "xp"]`. */
  above: string[];
  /** Where the name begins that is being written. */
  from: number;
  inLines: boolean;
  inArray: boolean;
}

interface Scope {
  inLines: boolean;
  inArray: boolean;
}

const NAME = /[\p{L}_][\p{L}\p{N}_]*/u;
const CHAIN = new RegExp(`^${NAME.source}(?:\\s*\\.\\s*${NAME.source})*`, "u");
const UNFINISHED = new RegExp(`(?:${NAME.source}\\s*\\.\\s*)*(?:${NAME.source})?$`, "u");
const TEXT = /^'(?:[^'\\]|\\[^]|'')*'/;
const DATE = /^#[^#]*#/;
const NUMBER = /^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/;

export function wordsOf(vocabulary: Vocabulary, kind: Kind, found: Vocabulary["Records"]): Words | undefined {
  const language = vocabulary.Kinds.find(({ Kind }) => Kind === kind);
  if (language === undefined) return undefined;
  const paths = new Map<string, Path[]>();
  for (const { Of, Paths } of [...vocabulary.Records, ...found]) {
    const all = new Map((paths.get(Of) ?? []).map((each) => [each.Path.toLowerCase(), each]));
    for (const each of Paths) {
      const known = all.get(each.Path.toLowerCase());
      all.set(each.Path.toLowerCase(), known === undefined ? each : { ...known, Sample: each.Sample ?? known.Sample });
    }
    paths.set(Of, [...all.values()]);
  }
  return {
    language,
    functions: vocabulary.Functions.filter(({ On }) => On !== "Approvable" || language.Approvable !== null),
    operators: vocabulary.Operators,
    literals: vocabulary.Literals,
    paths,
  };
}

/** What stands before `position`; undefined within a text or a date. */
export function placeAt(text: string, position: number, words: Words): Place | undefined {
  const before = text.slice(0, position);
  const scopes: Scope[] = [{ inLines: false, inArray: false }];
  let callee: string[] = [];
  let at = 0;
  while (at < before.length) {
    const rest = before.slice(at);
    const literal = TEXT.exec(rest) ?? DATE.exec(rest) ?? NUMBER.exec(rest);
    const chain = literal === null ? CHAIN.exec(rest) : null;
    const [step] = literal ?? chain ?? [rest[0] ?? ""];
    if (step === "'" || step === "#") return undefined;
    if (step === "(") scopes.push(scopeOf(callee, scopes.at(-1), words));
    if (step === ")" && scopes.length > 1) scopes.pop();
    if (step.trim() !== "") callee = chain === null ? [] : namesOf(step);
    at += step.length;
  }
  const [unfinished] = UNFINISHED.exec(before) ?? [""];
  const names = unfinished.split(".").map((name) => name.trim());
  const last = names.pop() ?? "";
  return { above: names, from: position - last.length, ...(scopes.at(-1) ?? { inLines: false, inArray: false }) };
}

function scopeOf(callee: string[], outer: Scope | undefined, words: Words): Scope {
  const around = outer ?? { inLines: false, inArray: false };
  const receiver = callee.slice(0, -1).map(lower);
  const name = lower(callee.at(-1) ?? "");
  if (receiver.length === 0) return around;
  if (receiver.length === 1 && thingOf(receiver[0] ?? "", around, words) === "LineItems") return { inLines: true, inArray: false };
  const filters = words.functions.some(({ On, Name }) => On === "Array" && Name === name);
  return filters ? { ...around, inArray: true } : around;
}

/** The roots that mean something at a place; within arrays `item` is the element. */
export function rootsAt({ inLines, inArray }: Scope, words: Words): Root[] {
  return words.language.Roots.filter(({ Name, Within }) => {
    if (Within === "LineFilter") return inLines;
    if (Within === "ArrayFilter") return inArray;
    return !(inArray && Name === "item");
  });
}

function thingOf(name: string, place: Scope, words: Words): string | undefined {
  return rootsAt(place, words).find(({ Name }) => Name !== "" && lower(Name) === lower(name))?.Of;
}

/** The record that a chain of names leads into, and the names of its path within that. */
export function recordOf(above: string[], place: Scope, words: Words): { of: string; path: string[] } | undefined {
  const [first, ...path] = above;
  if (first === undefined) return undefined;
  const thing = thingOf(first, place, words);
  if (thing !== undefined) return { of: thing, path };
  return place.inLines ? { of: "LineItem", path: above } : undefined;
}

/** The properties directly below a chain of names. */
export function below(above: string[], place: Scope, words: Words): Path[] {
  const record = recordOf(above, place, words);
  if (record === undefined) return [];
  const start = record.path.length === 0 ? "" : `${record.path.join(".")}.`;
  const found = new Map<string, Path>();
  for (const each of words.paths.get(record.of) ?? []) {
    if (!lower(each.Path).startsWith(lower(start))) continue;
    const [name = "", ...deeper] = each.Path.slice(start.length).split(".");
    const known = found.get(lower(name));
    if (deeper.length === 0) found.set(lower(name), { ...each, Path: name });
    else if (known === undefined) found.set(lower(name), { Path: name, Type: "Object", Sample: null });
  }
  return [...found.values()];
}

/** The functions that may be called on a chain of names; on nothing, those that stand by themselves. */
export function functionsOn(above: string[], place: Scope, words: Words): Spoken[] {
  return words.functions.filter(({ On }) => receivers(above, place, words).includes(On));
}

function receivers(above: string[], place: Scope, words: Words): Spoken["On"][] {
  const record = recordOf(above, place, words);
  if (above.length === 0) return ["Nothing"];
  if (record === undefined) return [];
  const path = record.path.map(lower).join(".");
  if (record.of === "LineItems") return ["LineItems"];
  if (record.of === "LineItem" && (path === "" || path === "product")) return ["Product"];
  if (path === "" && record.of !== "Element") return lower(above[0] ?? "") === lower(words.language.Approvable ?? "") ? ["Approvable"] : [];
  return ["Property", "Array"];
}

/** What is to be said of the name or sign at a position, if anything is. */
export function saidOf(text: string, position: number, words: Words): { from: number; to: number; title: string; about: string } | undefined {
  let from = position;
  let to = position;
  const isPart = (at: number) => /[\p{L}\p{N}_]/u.test(text[at] ?? "");
  while (isPart(from - 1)) from -= 1;
  while (isPart(to)) to += 1;
  if (from === to) return undefined;
  const place = placeAt(text, from, words);
  if (place === undefined) return undefined;
  const name = lower(text.slice(from, to));
  const called = /^\s*\(/.test(text.slice(to)) ? functionsOn(place.above, place, words).find(({ Name }) => Name === name) : undefined;
  if (called !== undefined) return { from, to, title: called.Shape, about: called.About };
  if (place.above.length === 0) {
    const operator = words.operators.find(({ Symbols }) => Symbols.includes(name));
    if (operator !== undefined) return { from, to, title: operator.Symbols.join("  "), about: operator.About };
    const root = rootsAt(place, words).find(({ Name }) => lower(Name) === name);
    if (root !== undefined) return { from, to, title: root.Name, about: root.About };
  }
  const above = place.above.length === 0 && place.inLines ? [] : place.above;
  const known = (above.length === 0 ? (words.paths.get("LineItem") ?? []) : below(above, place, words)).find(({ Path }) => lower(Path) === name);
  if (known === undefined || (above.length === 0 && !place.inLines)) return undefined;
  return { from, to, title: `${known.Path}: ${known.Type ?? "any"}`, about: known.Sample === null ? "A property." : `In the order it is ${known.Sample}.` };
}

function namesOf(chain: string): string[] {
  return chain.split(".").map((name) => name.trim());
}

function lower(text: string): string {
  return text.toLowerCase();
}
