"""A try of the error configuration."""

from __future__ import annotations

from entrepot.features.people.unbuilt.later import later

OPERATIONS = (
    later(
        "ErrorConfigs.Validate",
        "POST /integrations/ErrorConfig/validate",
        "Try the error configuration",
        ("ErrorConfigAdmin",),
    ),
)
