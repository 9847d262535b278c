"""Failure on purpose: which requests a rule meets."""
