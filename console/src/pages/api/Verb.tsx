import classes from "./Verb.module.css";

/** GET, POST ... in the colour of what it does. */
export function Verb({ verb }: { verb: string }) {
  return (
    <span className={classes.verb} data-verb={verb}>
      {verb === "DELETE" ? "DEL" : verb}
    </span>
  );
}
