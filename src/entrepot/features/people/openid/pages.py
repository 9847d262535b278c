"""How a login ends in the browser: at the application, at its error page, or at a page of our own (OIDC-4)."""

from __future__ import annotations

from html import escape

from entrepot.declare.operation import Reply
from entrepot.domain.identity.login_urls import error_url
from entrepot.features.people.oauth.tokens import NOT_CACHED
from entrepot.features.people.openid.configs import Login
from entrepot.kernel.errors import ApiError, LoginAddressError

FOUND = 302
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = (*NOT_CACHED, ("Referrer-Policy", "no-referrer"))
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Login failed</title>
<style>body {{ font: 1.1rem/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 32rem; padding: 0 1rem }}</style>
</head>
<body>
<main>
<h1>Login failed</h1>
<p>{text}</p>{back}
</main>
</body>
</html>
"""


def led_to(url: str, *headers: tuple[str, str]) -> Reply:
    """A redirect, which no cache keeps, and after which the next page does not learn of the last one."""
    return Reply(headers=(("Location", url), *HEADERS, *headers), status=FOUND)


def refused(error: ApiError, login: Login | None, *, back: str = "") -> Reply:
    """The end of a login that failed: at the application's page, where its configuration is known and names one. back: where our own page
    leads on to.
    """
    template = "" if login is None else login["CustomErrorUrl"]
    if template:
        try:
            return led_to(error_url(template, error.text))
        except LoginAddressError:
            pass
    link = f'\n<p><a href="{escape(back)}">Go back</a></p>' if back else ""
    page = PAGE.format(text=escape(error.text), back=link)
    own = tuple(error.headers().items())
    headers = (*HEADERS, ("Content-Security-Policy", POLICY), ("X-Frame-Options", "DENY"), *own)
    return Reply(page=page, headers=headers, status=error.status)
