import { Group } from "@mantine/core";
import type { Facet } from "../../api/ask";
import { Choices } from "../Choice";
import { type Filter, severalOf } from "./filters";

interface Props {
  facets: Facet[];
  filters: Filter[];
  onChange: (filters: Filter[]) => void;
}

/** A menu for each facet of a list, with how many each of its values has (FAC-3): chosen values are a filter like others. */
export function Facets({ facets, filters, onChange }: Props) {
  return (
    <Group gap="xs" align="flex-end">
      {facets.map((facet) => {
        const field = `xp.${facet.XpPath}`;
        const chosen = filters.find((each) => each.field === field && each.operator === "any");
        const counts = new Map(facet.Values.map(({ Value, Count }) => [Value, Count]));
        return (
          <Choices
            key={facet.XpPath}
            size="xs"
            w={150}
            label={facet.Name}
            choices={[...new Set([...counts.keys(), ...severalOf(chosen?.value ?? "")])].filter((each) => !each.includes(","))}
            value={severalOf(chosen?.value ?? "")}
            onChange={(values) => {
              const others = filters.filter((each) => each !== chosen);
              onChange(values.length === 0 ? others : [...others, { field, operator: "any", value: values.join(",") }]);
            }}
            renderOption={({ option }) => `${option.value} (${(counts.get(option.value) ?? 0).toLocaleString()})`}
          />
        );
      })}
    </Group>
  );
}
