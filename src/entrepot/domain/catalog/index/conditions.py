"""Conditions over terms, read twice: over all products as bitmaps, over one product by the terms that it has."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pyroaring import BitMap

from entrepot.domain.catalog.index.postings import Postings


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A product has one of the terms; none has one of none."""

    terms: frozenset[int]


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = AnyOf | All | Either | Not

ALWAYS = All(())
NEVER = AnyOf(frozenset())


def holds(condition: Condition, terms: AbstractSet[int]) -> bool:
    """Whether a product with these terms satisfies the condition."""
    match condition:
        case AnyOf(wanted):
            return not wanted.isdisjoint(terms)
        case All(parts):
            return all(holds(part, terms) for part in parts)
        case Either(parts):
            return any(holds(part, terms) for part in parts)
        case Not(part):
            return not holds(part, terms)


def selected(condition: Condition, postings: Postings, among: BitMap) -> BitMap:
    """Those of the products `among` that satisfy the condition; perhaps `among` itself, so not to be changed."""
    match condition:
        case AnyOf(terms):
            return postings.among(terms, among)
        case All(parts):
            for part in parts:
                among = selected(part, postings, among)
            return among
        case Either(parts):
            return BitMap.union(BitMap(), *(selected(part, postings, among) for part in parts))
        case Not(part):
            return among - selected(part, postings, among)
