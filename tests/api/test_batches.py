"""POST /entrepot/v1/batch: many requests in one transaction, all or nothing."""

from __future__ import annotations

from typing import Any

import httpx
from tests.api.marketplace import Api
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


async def test_they_are_carried_out_in_order(api: Api) -> None:
    """Answers as each would have had by itself; a read sees what was written before it."""
    answers = await done(
        api.seller,
        request("POST", "/v1/buyers", {"Name": "B", "Active": True}, Label="buyer"),
        request("PATCH", "/v1/buyers/${buyer.ID}", {"Name": "of ${buyer.ID}, ${0.Active}"}),
        request("GET", "/v1/buyers/${buyer.ID}"),
        request("GET", "/v1/buyers?ID=${buyer.ID}"),
        request(
            "PUT",
            "/v1/buyers/x",
            {"Name": "X", "Active": True, "xp": {"all": "${3.Items.0}", "one": "${0.Active}"}},
        ),
        request("DELETE", "/v1/buyers/${buyer.ID}"),
    )
    assert [each["Status"] for each in answers] == [201, 200, 200, 200, 200, 204]
    made = answers[0]["Body"]
    assert answers[0]["Headers"]["Location"].endswith(f"/v1/buyers/{made['ID']}")
    assert answers[1]["Body"]["Name"] == f"of {made['ID']}, true"
    assert answers[2]["Body"] == answers[1]["Body"]
    assert answers[3]["Body"]["Items"] == [answers[1]["Body"]]
    assert answers[4]["Body"]["xp"] == {"all": answers[1]["Body"], "one": True}
    assert answers[5] == {"Label": None, "Status": 204, "Headers": {}, "Body": None}
    found = (await api.seller.get("/v1/buyers")).json()["Items"]
    assert [each["ID"] for each in found] == ["x"]
