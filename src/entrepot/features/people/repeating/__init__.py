"""Requests with an Idempotency-Key: their answers are kept for a day, and given again."""
