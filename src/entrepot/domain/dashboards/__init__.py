"""Figures over time: which spans are looked at, and how they are divided."""
