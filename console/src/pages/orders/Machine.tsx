import { List, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";
import classes from "./Machine.module.css";
// A test holds it against the server's own table.
import MOVES from "./machine.json";

/** Of a box. */
const WIDTH = 132;
const HEIGHT = 34;

/** Where each state stands: how many steps on its way, and whether beside the way of most orders. */
const PLACES: Record<string, [step: number, lane: number]> = {
  Unsubmitted: [0, 0],
  AwaitingApproval: [1, 0],
  Open: [2, 0],
  Completed: [3, 0],
  Declined: [1, 1],
  Canceled: [2, 1],
};

/** The way leads from left to right, or on a phone, where it would be too small to read, from top to bottom. `along` is measured on it, `across` beside it. */
interface Layout {
  tall: boolean;
  /** Of a box. */
  along: number;
  across: number;
  /** From one state to the next, from one lane to the other. */
  step: number;
  lane: number;
}

const WIDE: Layout = { tall: false, along: WIDTH, across: HEIGHT, step: 190, lane: 100 };
const TALL: Layout = { tall: true, along: HEIGHT, across: WIDTH, step: 80, lane: 190 };
/** Before the first of them; beside them, for bows. */
const EDGE = 2;
const MARGIN = 20;

const PAIRS = [...new Set(MOVES.filter(({ before, after }) => before !== null && before !== after).map(({ before, after }) => `${before} ${after}`))].map(
  (pair) => pair.split(" ") as [string, string],
);

/** The states that orders have, the present one, and where it can go from there; beside them what else there is to say. */
export function Machine({ status, children }: { status: string; children: ReactNode }) {
  const layout = useMediaQuery("(max-width: 36em)", false, { getInitialValueInEffect: false }) ? TALL : WIDE;
  const length = 2 * EDGE + 3 * layout.step + layout.along;
  const breadth = MARGIN + layout.lane + layout.across + EDGE;
  const following = MOVES.filter(({ before }) => before === status);
  return (
    <div className={classes.machine}>
      <svg viewBox={layout.tall ? `0 0 ${breadth} ${length}` : `0 0 ${length} ${breadth}`} className={classes.picture} role="img" aria-label={`The order is ${status}.`}>
        <defs>
          <marker id="order-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto-start-reverse">
            <path d="M0 0 8 4 0 8z" fill="context-stroke" />
          </marker>
        </defs>
        {PAIRS.map(([before, after]) => (
          <path
            key={`${before} ${after}`}
            d={way(before, after, layout)}
            markerEnd="url(#order-arrow)"
            className={`${classes.move} ${before === status ? classes.next : ""}`}
          />
        ))}
        {Object.keys(PLACES).map((name) => {
          const { x, y } = boxOf(name, layout);
          return (
            <g key={name} className={`${classes.state} ${name === status ? classes.here : ""}`}>
              <rect x={x} y={y} width={WIDTH} height={HEIGHT} rx={5} />
              <text x={x + WIDTH / 2} y={y + HEIGHT / 2}>
                {name}
              </text>
            </g>
          );
        })}
      </svg>
      <Stack gap="xs">
        {following.length === 0 ? (
          <Text size="sm">Nothing follows: this is where its life ends.</Text>
        ) : (
          <List size="sm">
            {following.map(({ event, after, actor }) => (
              <List.Item key={`${event} ${after}`}>
                {event}: {after === status ? "it stays so" : after}, by {actor}
              </List.Item>
            ))}
          </List>
        )}
        {children}
      </Stack>
    </div>
  );
}

/** From the edge of one state to that of another: straight, or in a bow where others stand between. */
function way(before: string, after: string, layout: Layout): string {
  const { along, across } = layout;
  const [from, fromLane] = cornerOf(before, layout);
  const [to, toLane] = cornerOf(after, layout);
  const at = (on: number, beside: number) => (layout.tall ? `${beside} ${on}` : `${on} ${beside}`);
  if (fromLane === toLane) {
    const back = from > to;
    const [start, end] = back ? [from, to + along] : [from + along, to];
    const beside = fromLane + across / 2 + (back ? 8 : -4);
    if (Math.abs(to - from) <= layout.step) return `M${at(start, beside)}L${at(end, beside)}`;
    return `M${at(from + along / 2, fromLane)}Q${at((from + to + along) / 2, fromLane - 24)} ${at(to + along / 2, toLane)}`;
  }
  const [start, end] = fromLane < toLane ? [fromLane + across, toLane] : [fromLane, toLane + across];
  const lean = (to - from) / 12;
  return `M${at(from + along / 2 + lean, start)}L${at(to + along / 2 - lean, end)}`;
}

/** The corner at which its box begins. */
function cornerOf(state: string, { step, lane }: Layout): [along: number, across: number] {
  const [steps, lanes] = PLACES[state] ?? [0, 0];
  return [EDGE + steps * step, MARGIN + lanes * lane];
}

function boxOf(state: string, layout: Layout): { x: number; y: number } {
  const [along, across] = cornerOf(state, layout);
  return layout.tall ? { x: across, y: along } : { x: along, y: across };
}
