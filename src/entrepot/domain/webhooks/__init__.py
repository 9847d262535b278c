"""Webhooks: what they are sent, and what their answers mean (WH-4, WH-7)."""
