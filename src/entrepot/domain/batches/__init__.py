"""Requests that are sent together."""
