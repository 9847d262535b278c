"""One way out: what has happened is told in the unit that did it, expanded into deliveries, and delivered (ADR 0024)."""
