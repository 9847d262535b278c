"""Snapshots as files: out of one server, into another (ADR 0046)."""
