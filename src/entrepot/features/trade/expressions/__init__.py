"""Expressions while they are written: what may be said in them, whether they can be saved, what they make of an order."""
