import { Alert, Button, Group, Stack, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";

interface Props {
  children: ReactNode;
  /** Another one begins anew: give it what the content is of. */
  of?: string;
}

interface State {
  error: unknown;
  failed: boolean;
  of: string | undefined;
}

/** In place of content that breaks, or whose code cannot be loaded: what happened, and a way on. */
export class Boundary extends Component<Props, State> {
  override state: State = { error: undefined, failed: false, of: this.props.of };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error, failed: true };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.of === state.of ? null : { error: undefined, failed: false, of: props.of };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    const { error } = this.state;
    const isUnloaded = error instanceof Error && /dynamically imported module|importing a module|preload CSS/i.test(error.message);
    return (
      <Alert
        role="alert"
        color="red"
        m="md"
        title={
          <Title order={1} size="h5">
            {isUnloaded ? "This page could not be loaded" : "This page has failed"}
          </Title>
        }
      >
        <Stack gap="sm" align="flex-start">
          <span className="any-text">
            {isUnloaded
              ? "The server does not answer, or it has a newer console than this one."
              : String(error instanceof Error ? error.message : error).slice(0, 500)}
          </span>
          <Group gap="xs">
            <Button size="xs" variant="default" onClick={() => (isUnloaded ? void loadAnew() : this.setState({ error: undefined, failed: false }))}>
              Try again
            </Button>
            <Button size="xs" variant="default" onClick={() => window.location.reload()}>
              Reload the console
            </Button>
          </Group>
        </Stack>
      </Alert>
    );
  }
}

/** Code that could not be loaded is not asked for again by the same document: another is loaded, once there is a server to give it. */
async function loadAnew(): Promise<void> {
  try {
    await fetch("/env", { cache: "no-store" });
  } catch {
    return;
  }
  window.location.reload();
}
