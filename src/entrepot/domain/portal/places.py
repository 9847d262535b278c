"""Regions and environments of marketplaces (PORT-5, PORT-6)."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Environment(enum.StrEnum):
    """What a marketplace is for."""

    Production = "Production"
    Staging = "Staging"
    Sandbox = "Sandbox"
    Qa = "Qa"


@dataclass(frozen=True, slots=True)
class Region:
    """Where a marketplace is said to be. azure: the name of the data centre."""

    id: str
    name: str
    azure: str

    def wire(self) -> dict[str, str]:
        return {"Id": self.id, "Name": self.name, "AzureRegion": self.azure}


REGIONS = {
    each.id: each
    for each in (
        Region("usw", "US West", "westus"),
        Region("est", "US East", "eastus"),
        Region("eur", "Europe West", "westeurope"),
        Region("aus", "Australia East", "australiaeast"),
        Region("jpn", "Japan East", "japaneast"),
    )
}
"""By ID. A server offers some of them, which are all itself: clients pick by them, and marketplaces keep what was picked."""
DEFAULT_REGION = "usw"


def region_of(region_id: str) -> Region:
    """Also of an ID that is none of these any more."""
    return REGIONS.get(region_id) or Region(region_id, region_id, "")


def may_create(environment: Environment, *, operates: bool) -> bool:
    """Whether an account may make marketplaces of an environment: everybody sandboxes, who runs the server all of them."""
    return operates or environment is Environment.Sandbox
