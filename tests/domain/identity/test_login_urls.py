"""OIDC-4: where a login leads, and that no caller leads it elsewhere."""

from urllib.parse import urlsplit

import pytest

from entrepot.domain.identity.login_urls import authorization_url, error_url, start_url
from entrepot.kernel.errors import LoginAddressError


def start(template: str, path: str = "/x") -> str:
    return start_url(template, token="T", idp_token="i&d", path=path, refresh_token="R")


@pytest.mark.parametrize(
    ("template", "path", "url"),
    [
        ("https://app{2}?token={0}", "/products/x", "https://app/products/x?token=T"),
        ("https://app{2}?token={0}", "", "https://app?token=T"),
        ("https://app:8443{2}#t={token}&i={1}&r={3}", "/a b", "https://app:8443/a%20b#t=T&i=i%26d&r=R"),
        ("https://app/{2}/?t={TOKEN}", "//evil", "https://app///evil/?t=T"),
        ("https://app/?t={0}&next={2}", "/a?b&token=mine#c", "https://app/?t=T&next=/a%3Fb%26token%3Dmine%23c"),
        ("https://app/#{2}?token={0}", "/products/é", "https://app/#/products/%C3%A9?token=T"),
        ("https://app/%20{4}?{0}", "", "https://app/%20{4}?T"),
        ("shop://login{2}?token={0}", "/x", "shop://login/x?token=T"),
        ("com.shop:/login?token={0}", "", "com.shop:/login?token=T"),
    ],
)  # fmt: skip
def test_oidc_4_placeholders(template: str, path: str, url: str) -> None:
    assert start(template, path) == url


@pytest.mark.parametrize("template", ["https://app{2}?token={0}", "https://app:443{2}?token={0}"])
@pytest.mark.parametrize(
    "path",
    [".evil/", "@evil/", ":@evil/", ":8443/", "evil", "\\@evil/", "\t.evil/", "\r\nX: y/", ".", "%2eevil/", "%40evil/", "[::1]/", "\u3002evil/", "0/"],
)  # fmt: skip
def test_no_path_leads_to_another_host(template: str, path: str) -> None:
    with pytest.raises(LoginAddressError):
        start(template, path)


@pytest.mark.parametrize(
    "path", ["//evil", "/\\evil", "/@evil", "/.evil:80", "?@evil", "#@evil", "/\r\nX: y", "/\t\n"]
)
def test_whatever_begins_a_path_stays_on_the_host(path: str) -> None:
    url = start("https://app{2}?token={0}", path)
    assert urlsplit(url).netloc == "app"
    assert url.isprintable()
    assert "\\" not in url


@pytest.mark.parametrize(
    "template",
    ["", "{2}", "{2}?token={0}", "//{2}", "/app{2}", "https://{2}", "https://{2}/?{0}", "https:///x", "https://[", "javascript:alert('{0}')", "DATA:text/html,{0}", "https://app/\n{0}", "https://app\\{0}"],
)  # fmt: skip
def test_templates_that_name_no_place(template: str) -> None:
    for path in ("", "https://evil/", "/x"):
        with pytest.raises(LoginAddressError):
            start(template, path)


def test_oidc_4_the_error_page_gets_the_text_encoded() -> None:
    assert error_url("https://app/failed?why={0}", "a&b <c>/é") == (
        "https://app/failed?why=a%26b%20%3Cc%3E%2F%C3%A9"
    )
    with pytest.raises(LoginAddressError):
        error_url("https://app{0}", ".evil/")


def test_oidc_1_what_the_provider_is_asked() -> None:
    asked = authorization_url(
        "https://id/auth?tenant=1#top",
        {"state": "s", "scope": "openid email"},
        [("prompt", "a b"), ("STATE", "x"), ("redirect_uri", "https://evil"), ("nonce", "n")],
    )
    assert asked == "https://id/auth?tenant=1&state=s&scope=openid%20email&prompt=a%20b"
