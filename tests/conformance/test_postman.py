"""Postman: its converter takes the OpenAPI document, and its runner passes login, Me and a list (node/postman.js)."""

from __future__ import annotations

import json

import pytest
from tests.conformance.running import Shop, node

from entrepot.declare.registry import Registry


@pytest.mark.usefixtures("node_packages")
def test_converted_collection_runs(shop: Shop, registry: Registry) -> None:
    done = node("postman.js", shop=shop)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout.strip().splitlines()[-1])
    assert report == {"requests": len(registry.operations), "assertions": 3, "failures": []}
