"""Refusals about API clients and their secrets."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class RequiredNotAnonymousError(ApiError):
    code = "ApiClient.RequiredNotAnonBuyer"
    message = "IsAnonBuyer needs a default context user that is an active buyer user."


class LastFullAccessClientError(ApiError):
    code = "ApiClient.CannotDeleteLastFullAccess"
    message = "This is the last API client through which a seller can log in with full access."


class ClientUsedByImpersonationError(ApiError):
    code = "ApiClient.UsedByImpersonationConfig"
    message = "An impersonation config uses the API client."


class TooManySecretsError(ApiError):
    code = "ApiClientSecret.MaximumClientSecretsReached"
    message = "An API client can have at most 10 secrets."


class SecretExpirationError(ApiError):
    code = "ApiClientSecret.InvalidExpirationDate"
    message = "The expiration of a secret must be in the future."
