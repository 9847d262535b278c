import { type FormEvent, useState } from "react";

export interface Submitting {
  busy: boolean;
  /** What the last attempt has thrown. */
  error: unknown;
  run: () => Promise<void>;
  /** For the `onSubmit` of a form. */
  submit: (event: FormEvent) => void;
}

/** Work that a person starts and waits for: busy while it goes on, and what went wrong. */
export function useSubmit(work: () => Promise<unknown>): Submitting {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  async function run(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  }

  return {
    busy,
    error,
    run,
    submit(event) {
      event.preventDefault();
      void run();
    },
  };
}
