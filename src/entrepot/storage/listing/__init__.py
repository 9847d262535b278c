"""The list language in SQL: one compiled, cached statement per shape of request (FLT, SRCH, LIST rules)."""
