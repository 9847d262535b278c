"""Batches of tests."""

from __future__ import annotations

from typing import Any

import httpx
from tests.api.uniform.subjects import checked

PATH = "/entrepot/v1/batch"


def request(verb: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    return {"Verb": verb, "Path": path, **({} if body is None else {"Body": body}), **more}


async def send(client: httpx.AsyncClient, *requests: dict[str, Any], **options: Any) -> httpx.Response:
    return await client.post(PATH, json={"Requests": list(requests)}, **options)


async def done(client: httpx.AsyncClient, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers of a batch that is carried out."""
    answer = await checked(send(client, *requests), 200)
    found: list[dict[str, Any]] = answer.json()["Answers"]
    assert len(found) == len(requests)
    return found


async def refused(client: httpx.AsyncClient, *requests: dict[str, Any]) -> tuple[int, int, list[str]]:
    """Status, place of the request, and the codes of its own errors."""
    answer = await send(client, *requests)
    first, *others = answer.json()["Errors"]
    assert first["ErrorCode"] == "Batch.RequestRefused", answer.text
    assert first["Data"]["Status"] == answer.status_code
    return answer.status_code, first["Data"]["Index"], [each["ErrorCode"] for each in others]
