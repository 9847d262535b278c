import { List, Stack, Text } from "@mantine/core";
import classes from "./Machine.module.css";
// A test holds it against the server's own table.
import MOVES from "./machine.json";

const WIDTH = 132;
const HEIGHT = 34;

/** Where each state stands: the way of most orders along the top. */
const PLACES: Record<string, [x: number, y: number]> = {
  Unsubmitted: [10, 20],
  AwaitingApproval: [200, 20],
  Open: [390, 20],
  Completed: [580, 20],
  Declined: [200, 120],
  Canceled: [390, 120],
};

const PAIRS = [...new Set(MOVES.filter(({ before, after }) => before !== null && before !== after).map(({ before, after }) => `${before} ${after}`))].map(
  (pair) => pair.split(" ") as [string, string],
);

/** The states that orders have, the present one, and where it can go from there. */
export function Machine({ status }: { status: string }) {
  const following = MOVES.filter(({ before }) => before === status);
  return (
    <Stack gap="xs">
      <svg viewBox="0 0 722 176" className={classes.machine} role="img" aria-label={`The order is ${status}.`}>
        <defs>
          <marker id="order-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto-start-reverse">
            <path d="M0 0 8 4 0 8z" fill="context-stroke" />
          </marker>
        </defs>
        {PAIRS.map(([before, after]) => (
          <path
            key={`${before} ${after}`}
            d={way(before, after)}
            markerEnd="url(#order-arrow)"
            className={`${classes.move} ${before === status ? classes.next : ""}`}
          />
        ))}
        {Object.entries(PLACES).map(([name, [x, y]]) => (
          <g key={name} className={`${classes.state} ${name === status ? classes.here : ""}`}>
            <rect x={x} y={y} width={WIDTH} height={HEIGHT} rx={5} />
            <text x={x + WIDTH / 2} y={y + HEIGHT / 2}>
              {name}
            </text>
          </g>
        ))}
      </svg>
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
    </Stack>
  );
}

/** From the edge of one state to that of another: straight, or in a bow where others stand between. */
function way(before: string, after: string): string {
  const [fromX, fromY] = PLACES[before] ?? [0, 0];
  const [toX, toY] = PLACES[after] ?? [0, 0];
  if (fromY === toY) {
    const back = fromX > toX;
    const [start, end] = back ? [fromX, toX + WIDTH] : [fromX + WIDTH, toX];
    const shift = back ? 8 : -4;
    const y = fromY + HEIGHT / 2 + shift;
    if (Math.abs(toX - fromX) <= 200) return `M${start} ${y}L${end} ${y}`;
    return `M${fromX + WIDTH / 2} ${fromY}Q${(fromX + toX + WIDTH) / 2} ${fromY - 24} ${toX + WIDTH / 2} ${toY}`;
  }
  const [startY, endY] = fromY < toY ? [fromY + HEIGHT, toY] : [fromY, toY + HEIGHT];
  const lean = (toX - fromX) / 12;
  return `M${fromX + WIDTH / 2 + lean} ${startY}L${toX + WIDTH / 2 - lean} ${endY}`;
}
