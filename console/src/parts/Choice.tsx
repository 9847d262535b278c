import { MultiSelect, type MultiSelectProps, Select, type SelectProps } from "@mantine/core";

/** Choices that are drawn at once; the rest is found by typing, so that ten thousand are no matter. */
const MOST_DRAWN = 100;

const searched = (choices: readonly string[]) => ({
  searchable: true,
  limit: MOST_DRAWN,
  nothingFoundMessage: "Nothing is called so",
  maxDropdownHeight: 280,
  ...(choices.length > MOST_DRAWN && { placeholder: `Type to search ${choices.length.toLocaleString()}` }),
});

interface Of {
  choices: readonly string[];
}

/** One of some texts, from a menu that is searched. */
export function Choice({ choices, ...others }: Of & Omit<SelectProps, "data" | "searchable" | "limit">) {
  return <Select {...searched(choices)} {...others} data={choices} />;
}

/** Several of some texts. */
export function Choices({ choices, ...others }: Of & Omit<MultiSelectProps, "data" | "searchable" | "limit">) {
  const { placeholder, ...rest } = searched(choices);
  const empty = (others.value?.length ?? 0) === 0;
  return <MultiSelect {...rest} {...(empty && placeholder !== undefined && { placeholder })} {...others} data={choices} />;
}
