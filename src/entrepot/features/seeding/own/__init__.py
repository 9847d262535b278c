"""Kinds of records that the seeding tool's format has not: what they are, how they are read, and how they are written.

Their operations are a seed's own and in no registry, where the API has none that would write all of such a record: codes as
they are, collections of somebody else, settings by their word.
"""
