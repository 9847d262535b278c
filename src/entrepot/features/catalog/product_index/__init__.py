"""The index of products in this process: read from the database in the background, kept up to date by pages (ADR 0020)."""
