import { Box, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Facts.module.css";

/** Names and values below one another; those without a value are left out. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value !== undefined && value !== null && value !== "")
        .map(([name, value]) => (
          <Box key={name} className={classes.fact}>
            <Text component="dt" size="sm" c="dimmed">
              {name}
            </Text>
            <Text component="dd" size="sm" m={0} className="any-text">
              {value}
            </Text>
          </Box>
        ))}
    </dl>
  );
}
