import { type CSSVariablesResolver, Drawer, type MantineColorsTuple, Modal, Notification, NumberInput, createTheme } from "@mantine/core";

/** The water of a harbour, from mist to deep. */
const harbour: MantineColorsTuple = [
  "#e8f5f6",
  "#d3e8ea",
  "#a9d0d5",
  "#7bb7be",
  "#55a1aa",
  "#3b939d",
  "#298b96",
  "#167883",
  "#0b6470",
  "#00505b",
];

/** The same water at night: grounds, lines and texts of the dark scheme, in place of greys without a hue. */
const dark: MantineColorsTuple = [
  "#c9d1d4",
  "#b4bfc4",
  "#8a979d",
  "#66747b",
  "#3d484e",
  "#323c42",
  "#232b30",
  "#1a2125",
  "#14191c",
  "#0e1214",
];

/** Their headers stand at the body, where they would pass for the page's banner. */
const inDialog = {
  styles: { title: { fontWeight: 650, overflowWrap: "anywhere" as const } },
  attributes: { header: { role: "presentation" } },
  closeButtonProps: { "aria-label": "Close" },
};

export const theme = createTheme({
  colors: { harbour, dark },
  respectReducedMotion: true,
  primaryColor: "harbour",
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: "sm",
  cursorType: "pointer",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SFMono-Regular", "Cascadia Mono", Menlo, Consolas, monospace',
  headings: { fontWeight: "650" },
  components: {
    Modal: Modal.extend({ defaultProps: inDialog }),
    Drawer: Drawer.extend({ defaultProps: inDialog }),
    NumberInput: NumberInput.extend({ defaultProps: { hideControls: true } }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": "Close the message" } } }),
  },
});

/** Texts that Mantine makes fainter than 4.5 : 1 are made readable. */
export const readable: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#fcfdfd",
    "--mantine-color-dimmed": "#56626b",
    "--mantine-color-placeholder": "#68737c",
    "--mantine-color-error": "#c92a2a",
    "--mantine-color-anchor": "#0b6470",
    "--mantine-color-red-text": "#b81f1f",
    "--mantine-color-red-light-color": "#b81f1f",
    "--mantine-color-orange-text": "#8f4a00",
    "--mantine-color-orange-light-color": "#8f4a00",
    "--mantine-color-green-text": "#1f6b33",
    "--mantine-color-green-light-color": "#1f6b33",
    "--mantine-color-blue-light-color": "#1a5fa8",
    "--mantine-color-gray-light-color": "#495057",
  },
  dark: {
    "--mantine-color-body": "#14191c",
    "--mantine-color-dimmed": "#a3adb4",
    "--mantine-color-placeholder": "#8f9aa1",
    "--mantine-color-error": "#ff8787",
    "--mantine-color-anchor": "#7bc7d0",
    "--mantine-color-red-light": "#3d2023",
    "--mantine-color-orange-light": "#3a2b19",
    "--mantine-color-green-light": "#17321f",
    "--mantine-color-blue-light": "#182d3f",
    "--mantine-color-red-text": "#ff9a9a",
    "--mantine-color-red-light-color": "#ffb3b3",
    "--mantine-color-orange-text": "#f5b56b",
    "--mantine-color-orange-light-color": "#f7c48b",
    "--mantine-color-green-text": "#8ad39c",
    "--mantine-color-green-light-color": "#a5e0b3",
  },
});
