"""What templates of mail may call: amounts, dates and links."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import pass_context
from jinja2.runtime import Context

Link = Callable[..., str]
ALLOWED = "allowed_link"
"""The name under which a template is given its filter of links."""


def money(value: Any, currency: Any = None) -> str:
    """`1,234.50 EUR`; nothing for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return ""
    amount = f"{Decimal(str(value)):,.2f}"
    return f"{amount} {currency}" if isinstance(currency, str) and currency else amount


def date(value: Any) -> str:
    """`2026-03-05` of a date as the wire has it; nothing for what is none."""
    if not isinstance(value, str):
        return ""
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        return ""


def links_to(hosts: Collection[str] | None) -> Link:
    """The filter of links. Whoever asks for a mail may choose the address in it, so that it could lead anywhere: nothing is
    shown of one whose host is not in `hosts` (None: all are).
    """

    def allowed(value: Any, **placeholders: Any) -> str:
        """The address, with `{code}` and others in it replaced; "" where it may not be followed."""
        if not isinstance(value, str) or not value.isprintable():
            return ""
        try:
            parts = urlsplit(value)
            host = parts.hostname
        except ValueError:
            return ""
        if parts.scheme not in {"http", "https"} or host is None or "@" in parts.netloc or "\\" in value:
            return ""
        if hosts is not None and host.lower() not in hosts:
            return ""
        for name, text in placeholders.items():
            value = value.replace(f"{{{name}}}", quote(str(text or ""), safe=""))
        return str(value).replace(" ", "%20")

    return allowed


@pass_context
def link(context: Context, value: Any, **placeholders: Any) -> str:
    """`links_to` as the message's renderer has it."""
    allowed: Link = context[ALLOWED]
    found: str = allowed(value, **placeholders)
    return found
