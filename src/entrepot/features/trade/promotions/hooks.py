"""Rules of promotions and their assignments (promotions spec section 2)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.assignment import AssignmentHooks
from entrepot.engine.call import Call
from entrepot.features.people.ownership import OwnedHooks, require_owner_of
from entrepot.features.trade.promotions.expressions import check_expressions
from entrepot.features.trade.promotions.generating import check_generation, generate_codes, is_generated
from entrepot.features.trade.promotions.settings import check_settings
from entrepot.features.trade.promotions.withdrawing import withdraw
from entrepot.kernel.errors import (
    NoPromotionIntegrationError,
    NotFoundError,
    PromotionCodeInUseError,
    UserTypeError,
)

Values = dict[str, Any]

# The lock keeps the integration from being deleted before the promotion that needs it is there.
INTEGRATION = "SELECT 1 FROM promotion_integrations WHERE marketplace_id = $1 FOR SHARE"
OWNER = 'SELECT "OwnerID" FROM promotions WHERE marketplace_id = $1 AND "ID" = $2'


class PromotionHooks(OwnedHooks):
    """Settings, expressions and codes; ownership (PROMO-7); orders that lose the promotion (PROMO-11)."""

    def __init__(self, *, generates: bool = True) -> None:
        """generates: whether the codes that it asks for are made with a promotion."""
        # A supplier does not see what it does not own.
        super().__init__(UserTypeError)
        self._generates = generates

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        check_settings(new)
        check_generation(old, new)
        check_expressions(new)
        if new["UseIntegration"] and await call.db.fetchval(INTEGRATION, call.marketplace_id) is None:
            raise NoPromotionIntegrationError
        new_code = new["Code"] and (old is None or new["Code"] != old["Code"])
        if new_code and await is_generated(call, new["Code"]):
            raise PromotionCodeInUseError

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        is_asked = old is None or new["GeneratedCodeCount"] != old["GeneratedCodeCount"]
        if self._generates and is_asked and new["GeneratedCodeCount"]:
            await generate_codes(call, new)
        if old is not None and old["Active"] and not new["Active"]:
            await withdraw(call, new["ID"])

    async def after_delete(self, call: Call, old: Values) -> None:
        await withdraw(call, old["ID"])


class PromotionAssignmentHooks(AssignmentHooks):
    """Suppliers assign their own promotions only; of others they know nothing (PROMO-7)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await _require_own(call, new["PromotionID"])

    async def check_delete(self, call: Call, old: Values) -> None:
        await _require_own(call, old["PromotionID"])


async def _require_own(call: Call, promotion: str) -> None:
    await require_owner_of(call, OWNER, promotion, NotFoundError("Promotion", promotion))
