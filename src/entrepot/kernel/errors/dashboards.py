"""Refusals of dashboards."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class DashboardTooBroadError(ApiError):
    code = "Dashboard.TooBroad"
    message = "The figures of so long a span take too long: ask for a shorter one."
