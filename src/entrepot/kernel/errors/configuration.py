"""Refusals about settings of a marketplace."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class DuplicateLocaleError(ApiError):
    code = "Locale.DuplicateLanguageAndCurrency"
    message = "A locale with this language and currency exists already."


class ConflictingImpersonationConfigError(ApiError):
    code = "ImpersonationConfig.ConflictingImpersonationConfigExists"
    status = 409
    message = "An impersonation config for this client and these parties exists already."
