"""Webhooks at work: who is asked before a request and told after it (WH-1 to WH-13)."""
