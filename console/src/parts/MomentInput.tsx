import { TextInput, type TextInputProps } from "@mantine/core";
import { asLocal, fromLocal } from "./moments";

type Props = Omit<TextInputProps, "type" | "step" | "value" | "onChange"> & { value: string; onChange: (iso: string) => void };

/** A moment as the API has it, shown and typed in the browser's zone; "" for none. */
export function MomentInput({ value, onChange, ...others }: Props) {
  return (
    <TextInput
      {...others}
      type="datetime-local"
      step={1}
      value={asLocal(value)}
      onChange={(event) => onChange(fromLocal(event.currentTarget.value) ?? "")}
    />
  );
}
