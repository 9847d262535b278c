"""SQL, LIKE, pattern, path and format characters are data wherever they stand: what comes back is asserted."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from tests.api.marketplace import Api
from tests.api.uniform.subjects import checked
from tests.api.world import World, unchanged
from tests.http.driver import ask

PIECES = [
    "%", "%%", "_", "__", "a%b", "a_b", "a\\%b", "\\", "\\\\", "'", "''", "\\'", '"', '\\"', "`", ";", "--", "/*", "*/", "#",
    "$1", "$$", "$x$", ":x", "::text", "?", "??", "%s", "%(a)s", "{}", "{0}", "{id}", "${x}", "{{x}}", "*", "**", "a*b", "|",
    "a|b", "!", "!a", "!*", "<", ">=1", "=", "=x", "&", "+", "[", "]", "(", ")", "^a", "a$", ".", "..", "../x", "\t", "\n",
    "' OR '1'='1", "'; DROP TABLE users; --", "x') OR 1=1 --", "E'\\x41'", "CAST('a' AS int)", "pg_sleep(9)", "null", "NULL",
    "true", "\N{NO-BREAK SPACE}x", "\u2028", "\N{GRINNING FACE}", "e\N{COMBINING ACUTE ACCENT}", "\N{FULLWIDTH APOSTROPHE}",
]  # fmt: skip
BLANK = {"\t", "\n", "\u2028"}
"""As a Name these would count as missing (BODY-8)."""
TEXTS = [piece for piece in PIECES if piece not in BLANK]


def filter_of(text: str) -> str:
    """The value of a filter that means exactly this text (FLT-6)."""
    return quote("".join(f"\\{c}" if c in "|*!<>=\\" else c for c in text), safe="")


@pytest.fixture
async def shops(api: Api) -> dict[str, str]:
    """A buyer for each text: the text by the buyer's ID. It stands in Name, and in xp as key and value."""
    http = api.seller
    made = {}
    for number, text in enumerate(TEXTS):
        body = {"ID": f"b{number}", "Name": text, "xp": {"Value": text, text: "here"}}
        answer = await checked(http.post("/v1/buyers", json=body), 201)
        assert (answer.json()["Name"], answer.json()["xp"]) == (text, body["xp"])
        made[f"b{number}"] = text
    return made


async def found(api: Api, query: str) -> set[str]:
    """The IDs of the buyers that a raw query string finds."""
    token = api.token(api.admin, roles=["FullAccess"])
    answer = await ask(api.server.app, "GET", f"/v1/buyers?pageSize=100&{query}", token=token)
    assert answer.status == 200, (query, answer.body)
    return {item["ID"] for item in answer.json["Items"]}


async def test_filters(api: Api, shops: dict[str, str]) -> None:
    """FLT-6, FLT-8: equality, its opposite, and patterns, on a property and on xp."""
    for text in TEXTS:
        value, alike = filter_of(text), {i for i, other in shops.items() if other.lower() == text.lower()}
        within = {i for i, other in shops.items() if text.lower() in other.lower()}
        start = {i for i, other in shops.items() if other.lower().startswith(text.lower())}
        for field in ("Name", "xp.Value"):
            assert await found(api, f"{field}={value}") == alike, (field, text)
            assert await found(api, f"{field}=!{value}") == shops.keys() - alike, (field, text)
            assert await found(api, f"{field}=*{value}*") == within, (field, text)
            assert await found(api, f"{field}={value}*") == start, (field, text)


async def test_searches(api: Api, shops: dict[str, str]) -> None:
    """SRCH-2: a substring of the phrase as it is, whatever it holds."""
    for text in TEXTS:
        within = {i for i, other in shops.items() if text.lower() in other.lower()}
        for fields in ("Name", "xp.Value"):
            assert await found(api, f"searchOn={fields}&search={quote(text, safe='')}") == within, text


async def test_names_of_xp_keys(api: Api, shops: dict[str, str]) -> None:
    """FLT-3: a key is what its name says; only the grammar's own characters cannot be part of one."""
    tried = 0
    for shop, text in shops.items():
        if "." in text or text[-1] in "<>!" or text != text.strip():
            continue
        tried += 1
        name = quote(text, safe="")
        assert await found(api, f"xp.{name}=here") == {shop}, text
        assert await found(api, f"xp.{name}=*") == {shop}, text
        if "," not in text:
            ordered = await ask(
                api.server.app,
                "GET",
                f"/v1/buyers?pageSize=100&sortBy=!xp.{name}",
                token=api.token(api.admin, roles=["FullAccess"]),
            )
            assert ordered.json["Items"][0]["ID"] == shop, text
    assert tried > 50


async def test_parameters_and_paths(api: Api) -> None:
    """An ID that nothing has is 404 with the ID in it, or no match in a parameter; nothing is written."""
    await World.create(api)
    token, app = api.token(api.admin, roles=["FullAccess"]), api.server.app
    for text in PIECES:
        value = quote(text, safe="").replace(".", "%2E")
        async with unchanged(api):
            for verb, path, kind in (
                ("GET", f"/v1/buyers/{value}", "Buyer"),
                ("PATCH", f"/v1/buyers/{value}", "Buyer"),
                ("DELETE", f"/v1/buyers/{value}", "Buyer"),
                ("GET", f"/v1/buyers/{value}/users/known", "Buyer"),
                ("GET", f"/v1/buyers/known/users/{value}", "User"),
                ("DELETE", f"/v1/buyers/known/usergroups/known/assignments/{value}", None),
                ("DELETE", f"/v1/locales/known/assignments?buyerID={value}", "Buyer"),
                ("POST", f"/v1/buyers/known/users/known/moveto/{value}?orders=All", "Buyer"),
                ("GET", f"/v1/apiclients/{value}", "ApiClient"),
                ("GET", f"/oauth/certs/{value}", None),
            ):
                answer = await ask(app, verb, path, token=token, body=b"{}" if verb == "PATCH" else None)
                assert (answer.status, answer.codes) == (404, ["NotFound"]), (path, answer.body)
                if kind is not None:
                    assert answer.json["Errors"][0]["Data"] == {"ObjectType": kind, "ObjectID": text}, path
        for path in (
            f"/v1/buyers/known/users?userGroupID={value}",
            f"/v1/securityprofiles/assignments?securityProfileID={value}&buyerID={value}&userID={value}",
            f"/v1/buyers/known/usergroups/assignments?userID={value}",
        ):
            answer = await ask(app, "GET", path, token=token)
            assert (answer.status, answer.json["Items"]) == (200, []), path


async def test_credentials(api: Api) -> None:
    """AUTH-10: no username, password or client of this kind opens anything, and each failure is the same."""
    for place, text in enumerate(PIECES):
        # Another name each time: those that nobody has are locked, too.
        for form in ({"username": text, "password": text}, {"username": f"nobody{place}", "password": text}):
            answer = await api.grant(grant_type="password", **form)
            codes = [error["ErrorCode"] for error in answer.json()["Errors"]]
            assert answer.status_code == 400, text
            assert codes == ["InvalidCredentials", "Auth.InvalidUsernameOrPassword"], text
        answer = await api.grant(grant_type="client_credentials", client_id=text, client_secret=text)
        codes = [error["ErrorCode"] for error in answer.json()["Errors"]]
        assert (answer.status_code, codes) == (400, ["InvalidGrant", "Auth.OauthError"]), text
