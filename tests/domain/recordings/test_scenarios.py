"""Recordings without secrets, and as steps that can be taken again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.recordings.formats import FORMATS
from entrepot.domain.recordings.masking import MASK, label_of, mask, mask_form, mask_path, mask_query
from entrepot.domain.recordings.scenario import Entry, scenario

SECRET = "hush-4711"
NAMES = ["Password", "ClientSecret", "access_token", "RefreshToken", "Authorization", "HashKey", "SharedKey", "apiKey", "VerificationCode"]  # fmt: skip


@pytest.mark.parametrize("name", [*NAMES, "Chosen"])
def test_secrets_are_masked_wherever_they_stand(name: str) -> None:
    value = {"a": [{"b": {name: SECRET}}], name: {"x": [SECRET, 5, True, None, ""]}, "Name": "kept"}
    masked = mask(value, {"chosen"})
    assert SECRET not in json.dumps(masked)
    assert masked == {"a": [{"b": {name: MASK}}], name: {"x": [MASK, MASK, True, None, ""]}, "Name": "kept"}


def test_what_only_sounds_secret_stays() -> None:
    value = {"AccessTokenDuration": 600, "token_type": "bearer", "PasswordLess": True}
    assert mask(value) == value


def test_forms_queries_and_paths() -> None:
    form = "grant_type=password&username=bob&password=hush%204711&client_secret=&code=abc"
    assert mask_form(form) == {
        "grant_type": "password", "username": "bob", "password": MASK, "client_secret": "", "code": MASK,
    }  # fmt: skip
    assert (
        mask_query("search=a%20b&verificationCode=x&page=2&flag")
        == "search=a%20b&verificationCode=%2A%2A%2A&page=2&flag"
    )
    assert mask_path("/v1/password/reset/abc", (4,)) == "/v1/password/reset/***"
    assert mask_query("") == ""


@given(
    st.recursive(
        st.text(max_size=3) | st.integers() | st.none(),
        lambda v: st.lists(v) | st.dictionaries(st.sampled_from([*NAMES, "Name", "ID"]), v),
    )
)
def test_masking_twice_is_masking_once(value: Any) -> None:
    assert mask(mask(value)) == mask(value)


def entry(method: str, path: str, status: int = 200, **facts: Any) -> Entry:
    for name in ("body", "answer"):
        if name in facts:
            facts[f"has_{name}"] = True
    return Entry(
        "2026-03-04T05:06:07.000Z", f"Op.{method}", method, path, facts.pop("query", ""), status, 1.5, **facts
    )


LOGIN = entry(
    "POST",
    "/oauth/token",
    form={"grant_type": "password", "username": "bob", "password": MASK, "client_id": "C1"},
    has_body=True,
    answer={"access_token": MASK},
    gives="aaa",
)
SESSION = [
    LOGIN,
    entry("GET", "/v1/me/products", query="search=l", token="aaa", answer={"Items": [{"ID": "lamp", "Name": "L"}]}),
    entry("POST", "/v1/orders/Outgoing", 201, body={"Comments": 'a "quoted" {{thing}}'}, token="aaa", answer={"ID": "o-77", "FromUserID": "bob"}),
    entry("POST", "/v1/orders/Outgoing/o-77/lineitems", 201, body={"ProductID": "lamp", "Quantity": 2}, token="aaa", answer={"ID": "li-1"}),
    entry("GET", "/v1/orders/Outgoing/o-77/lineitems/li-1", query="x=o-77", token="aaa", answer={"ID": "li-1"}),
    entry("GET", "/v1/me", 401, token="zzz"),
    entry("DELETE", "/v1/orders/Outgoing/o-77", 204, token="aaa"),
]  # fmt: skip


def test_what_answers_have_made_is_a_variable_where_later_requests_have_it() -> None:
    made = scenario(SESSION)
    assert [step.path for step in made.steps] == [
        "/oauth/token",
        "/v1/me/products",
        "/v1/orders/Outgoing",
        "/v1/orders/Outgoing/{{op_id}}/lineitems",
        "/v1/orders/Outgoing/{{op_id}}/lineitems/{{op_id_2}}",
        "/v1/me",
        "/v1/orders/Outgoing/{{op_id}}",
    ]
    assert made.steps[3].body == {"ProductID": "{{items_id}}", "Quantity": 2}
    assert made.steps[4].query == "x={{op_id}}"
    assert [step.keeps for step in made.steps[:4]] == [
        {"access_token": ("access_token",)},
        {"items_id": ("Items", 0, "ID")},
        {"op_id": ("ID",)},
        {"op_id_2": ("ID",)},
    ]
    assert [step.token for step in made.steps] == [
        "",
        *["{{access_token}}"] * 4,
        "{{token}}",
        "{{access_token}}",
    ]
    assert made.given == {"username": "bob", "password_bob": "", "client_id": "C1", "token": ""}


def test_what_was_sent_before_it_was_answered_is_no_variable() -> None:
    """Somebody has chosen it."""
    made = scenario(
        [
            entry("PUT", "/v1/products/p1", body={"ID": "p1"}, answer={"ID": "p1"}),
            entry("GET", "/v1/products/p1"),
        ]
    )
    assert [step.path for step in made.steps] == ["/v1/products/p1"] * 2
    assert made.given == {}


@pytest.mark.parametrize("kind", FORMATS)
def test_files_hold_no_secret_and_are_what_they_say(kind: str) -> None:
    text = FORMATS[kind](SESSION, 'A "name" \\ of it', "http://localhost:1", "1.0")
    assert "aaa" not in text
    match kind:
        case "postman":
            assert [item["request"]["method"] for item in json.loads(text)["item"]] == [
                each.method for each in SESSION
            ]
        case "har":
            assert [each["response"]["status"] for each in json.loads(text)["log"]["entries"]] == [
                each.status for each in SESSION
            ]
        case "py":
            compile(text, "recorded.py", "exec")
        case _:
            assert text.count("await send(") == len(SESSION)


@pytest.mark.parametrize("kind", FORMATS)
def test_an_empty_recording(kind: str) -> None:
    text = FORMATS[kind]([], "nothing", "http://localhost:1", "1.0")
    assert "nothing" in text
    if kind == "py":
        compile(text, "recorded.py", "exec")


def test_labels_tell_tokens_apart_and_nothing_else() -> None:
    assert label_of("t", "r") == label_of("t", "r") != label_of("t", "other")
    assert label_of("t", "r") != label_of("u", "r")


def test_a_refused_login_is_sent_again_with_what_does_not_open() -> None:
    """With the password that opens it would be answered 200, and the recorded 400 never come."""
    refused = entry("POST", "/oauth/token", 400, form=LOGIN.form, has_body=True)
    made = scenario([refused, LOGIN, refused])
    sent = [step.form["password"] for step in made.steps if step.form is not None]
    assert sent == ["{{refused_password}}", "{{password_bob}}", "{{refused_password}}"]
    assert made.given["refused_password"] == "refused"
    assert made.given["password_bob"] == ""
