"""Many requests in one transaction (docs/guide/batch.md)."""
