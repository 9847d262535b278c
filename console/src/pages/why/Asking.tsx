import { Button, Group, Stack, TextInput } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useSearchParams } from "react-router";
import { Refusal } from "../../api/problem";
import { useApi } from "../../api/useApi";
import { Loaded } from "../../parts/Loaded";

export interface Question {
  name: string;
  label: string;
  required?: boolean;
  placeholder?: string;
}

interface Props<T> {
  questions: Question[];
  /** The path of the explanation, of what has been given. */
  path: (given: Record<string, string>) => string;
  children: (answer: T) => ReactNode;
}

/** A question and its answer. What is asked stands in the address, so that it can be sent to somebody. */
export function Asking<T>({ questions, path, children }: Props<T>) {
  const [params, setParams] = useSearchParams();
  const given = Object.fromEntries(questions.map(({ name }) => [name, params.get(name) ?? ""]));
  const [draft, setDraft] = useState(given);
  const [seen, setSeen] = useState(given);
  // A link to another question of the same kind comes to the form that is here.
  if (JSON.stringify(seen) !== JSON.stringify(given)) {
    setSeen(given);
    setDraft(given);
  }
  const isAsked = questions.every(({ name, required }) => required !== true || given[name] !== "");
  const answer = useAnswer<T>(isAsked ? path(given) : undefined);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    const next = Object.fromEntries(Object.entries(draft).map(([name, value]) => [name, value.trim()]));
    setDraft(next);
    if (JSON.stringify(next) === JSON.stringify(given)) void answer.refetch();
    else setParams(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== "")));
  };
  return (
    <Stack>
      <form onSubmit={ask}>
        <Group align="flex-end" gap="sm">
          {questions.map(({ name, label, required, placeholder }) => (
            <TextInput
              key={name}
              label={label}
              w={{ base: "100%", xs: "auto" }}
              required={required === true}
              placeholder={placeholder ?? ""}
              value={draft[name] ?? ""}
              onChange={({ currentTarget: { value } }) => setDraft((former) => ({ ...former, [name]: value }))}
            />
          ))}
          <Button type="submit">Why?</Button>
        </Group>
      </form>
      {isAsked && (
        <Loaded query={answer} what="The server looks into it">
          {children}
        </Loaded>
      )}
    </Stack>
  );
}

function useAnswer<T>(path: string | undefined): UseQueryResult<T> {
  const { key, send } = useApi();
  return useQuery({
    queryKey: [key, "why", path],
    enabled: path !== undefined,
    retry: false,
    queryFn: async () => {
      const response = await send(path ?? "");
      const body: unknown = await response.json();
      if (!response.ok) throw new Refusal(response.status, body, response.headers.get("X-Request-ID") ?? "");
      return body as T;
    },
  });
}

/** Path and query of an explanation, of what is not empty. */
export function asked(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((each): each is [string, string] => Boolean(each[1]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
