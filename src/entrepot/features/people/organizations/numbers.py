"""Numbers that tokens are made of."""

from __future__ import annotations

from entrepot.declare.entity import Stored

AUDIENCE_NUMBER = Stored(name="number", type="bigint", nullable=False, identity=True)
"""What stands for a buyer, a catalog or a category in the tokens of products: unlike an ID it never changes, and is
never given anew."""
PRODUCT_NUMBER = Stored(name="number", type="bigint", nullable=False, identity=True)
"""What stands for a product in the log of catalog changes (ADR 0022), in the same way."""
