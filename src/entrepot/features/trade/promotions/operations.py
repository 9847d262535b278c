"""The use cases of promotions."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.trade.promotions.codes import list_codes
from entrepot.features.trade.promotions.me import get_my_promotion, list_my_promotions

OPERATIONS: tuple[Operation, ...] = (list_codes, list_my_promotions, get_my_promotion)
