"""Masking: whatever is secret is gone, wherever it stands, and everything else is there to the letter."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.deliveries.masking import MASK, is_secret, mask

NAMES = (
    "Password", "NewPassword", "PasswordRenewalVerificationCode", "PasswordRenewalAccessToken", "PasswordRenewalUrl",
    "OneTimePassword", "UserToken", "OrderCloudAccessToken", "access_token", "id_token", "client_secret", "HashKey",
    "SharedKey", "ApiKey", "x-api-key", "ConnectionString", "SaslPassword", "CustomAuthHeaderValue", "Authorization",
    "verificationCode", "invitationID", "Set-Cookie", "PASSWORD", "AccountKey",
)  # fmt: skip
PLAIN = (
    "ID",
    "Name",
    "Email",
    "Code",
    "ErrorCode",
    "xp",
    "DateCreated",
    "Total",
    "LineItems",
    "Keys",
    "Notes",
)
names = st.sampled_from(NAMES)
needles = st.from_regex(r"[A-Za-z0-9]{16,24}", fullmatch=True).map(lambda text: f"ndl{text}")
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PLAIN), inner, max_size=3),
    max_leaves=8,
)
harmless = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('abc äß\\"\n{}[]é🙂', max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PLAIN), inner, max_size=3),
    max_leaves=12,
)


@st.composite
def hidden(draw: st.DrawFn) -> tuple[str, Any]:
    """A needle and a JSON value that has it under a secret name, somewhere."""
    needle = draw(needles)
    secret: Any = draw(
        st.sampled_from([needle, [needle], {"a": {"b": [1, needle]}}, f'q"{needle}\\', f"é{needle}"])
    )
    value: Any = {**draw(st.dictionaries(st.sampled_from(PLAIN), values, max_size=3)), draw(names): secret}
    for wrapping in draw(st.lists(st.sampled_from(["object", "list", "text", "pair"]), max_size=4)):
        match wrapping:
            case "object":
                value = {"before": draw(scalars), "EventBody": value, "after": draw(scalars)}
            case "list":
                value = [draw(scalars), value]
            case "text":
                value = {"Original": json.dumps(value)} if not _in_text(value) else [value]
            case "pair":
                value = {"Items": [{"ID": "x"}, value]}
    return needle, value


def _in_text(value: Any) -> bool:
    return "Original" in json.dumps(value)


@given(hidden(), st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_nothing_under_a_secret_name_is_shown(found: tuple[str, Any], escaped: bool, indent: Any) -> None:
    needle, value = found
    shown = mask(json.dumps(value, ensure_ascii=escaped, indent=indent))
    assert needle not in shown
    assert MASK in shown
    json.loads(shown)


@given(hidden(), st.data())
def test_nor_where_the_text_was_cut_off(found: tuple[str, Any], data: st.DataObject) -> None:
    needle, value = found
    text = json.dumps(value)
    shown = mask(text[: data.draw(st.integers(0, len(text)))])
    # A name that was cut off says nothing, nor does a value of which little is left.
    assert needle[:12] not in shown


@given(names, needles, names, st.sampled_from(["content", "value", "Content"]), st.booleans())
def test_pairs_of_name_and_content_ms_9(
    name: str, needle: str, other: str, content: str, first: bool
) -> None:
    """Merge variables name what they hold beside it, in either order."""
    pair = {content: needle, "name": name} if first else {"name": name, content: needle}
    shown = mask(json.dumps({"global_merge_vars": [{"name": "firstname", "content": "Ann"}, pair]}))
    assert needle not in shown
    assert "Ann" in shown


@given(
    names, needles, st.sampled_from(["https://shop.example/reset?a=1&{}&b=2", "{}", "<p>{}</p>", "x;{};y"])
)
def test_forms_addresses_and_pages(name: str, needle: str, around: str) -> None:
    shown = mask(around.format(urlencode({name: needle})))
    assert needle not in shown
    assert name in shown
    inside = mask(json.dumps({"Message": around.format(f"{name}={needle}")}))
    assert needle not in inside


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.def", f"Authorization: {MASK} {MASK}"),
        ("sent with bearer abc-def_ghi=", f"sent with bearer {MASK}"),
        ("it said eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.c2ln.", f"it said {MASK}."),
        ("amqps://user:pass@host/x", f"amqps://user:{MASK}@host/x"),
        ("Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=abc=", f"Endpoint=sb://x/;SharedAccessKeyName={MASK};SharedAccessKey={MASK}"),
        ("https://a.example/?code=123&page=2", f"https://a.example/?code={MASK}&page=2"),
        ("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----", MASK),
        ('{"Code":"SAVE10","ErrorCode":"x"}', '{"Code":"SAVE10","ErrorCode":"x"}'),
        ('{ "Password" : null , "HashKey":"", "Secret": 12345678 }', f'{{ "Password" : null , "HashKey":"", "Secret": "{MASK}" }}'),
        ('{"Pass\\u0077ord":"x1"}', f'{{"Pass\\u0077ord":"{MASK}"}}'),
    ],
)  # fmt: skip
def test_examples(text: str, shown: str) -> None:
    assert mask(text) == shown


@given(st.text(max_size=300) | st.text('{}[]",:\\ aé=&%', max_size=300))
def test_any_text_can_be_masked_and_masking_again_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@given(harmless, st.sampled_from([None, 2]))
def test_the_rest_stays_to_the_letter(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    assert mask(text) == text


def test_names() -> None:
    assert all(is_secret(name) for name in NAMES)
    assert not any(is_secret(name) for name in PLAIN)
