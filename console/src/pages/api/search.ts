import type { Document, Operation } from "../../api/document";

/** Operations that have all of the words, those first that are named by them: "list" is Buyers.List before Me.ListProducts. */
export function search(document: Document, words: string[]): Operation[] {
  const found: Operation[][] = [[], [], [], [], []];
  const all = document.sections.flatMap(({ resources }) => resources.flatMap(({ operations }) => operations));
  for (const operation of all) {
    const place = placeOf(operation, words);
    if (place !== undefined) found[place]?.push(operation);
  }
  return found.flat();
}

/** 0: its ID, path or summary; 1: whole words of its ID; 2: whole words of any; 3: parts of its ID; 4: parts of any. */
function placeOf({ id, verb, path, summary }: Operation, words: string[]): number | undefined {
  const [name, does, way, about] = [id, verb, path, summary].map((text) => text.toLowerCase()) as [string, string, string, string];
  const all = `${name} ${does} ${way} ${about}`;
  if (!words.every((word) => all.includes(word))) return undefined;
  const named = name.split(".");
  if ([name, named.join(" "), way, `${does} ${way}`, about].includes(words.join(" "))) return 0;
  if (words.every((word) => named.includes(word))) return 1;
  const whole = all.split(/[\s./{}]+/);
  if (words.every((word) => whole.includes(word))) return 2;
  return words.every((word) => name.includes(word)) ? 3 : 4;
}
