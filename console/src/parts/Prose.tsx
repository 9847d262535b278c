import { Code } from "@mantine/core";

/** A description of the API's document: what stands in backticks is code. */
export function Prose({ text }: { text: string }) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? <Code key={index}>{part}</Code> : part));
}
