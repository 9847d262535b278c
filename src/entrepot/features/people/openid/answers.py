"""What an identity provider says by way of the browser: a code, or why there is none (RFC 6749, 4.1.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from entrepot.kernel.errors import AuthorityRefusedError, LoginParameterError

LONGEST_ANSWER = 65_536
LONGEST_CODE = 8_192
NAMES = frozenset({"code", "state", "error", "iss"})
REASON = re.compile(r"[a-z_]{1,40}")
"""How identity providers spell why they refuse."""


def read(form: str) -> dict[str, str]:
    """The parameters of an answer; of a repeated one the first counts. Raises LoginParameterError."""
    if len(form) > LONGEST_ANSWER:
        raise LoginParameterError
    values: dict[str, str] = {}
    for name, value in parse_qsl(form, keep_blank_values=True, errors="replace"):
        if name in NAMES:
            values.setdefault(name, value)
    return values


def code_of(answer: Mapping[str, str]) -> str:
    """Raises AuthorityRefusedError, LoginParameterError where there is none."""
    code, error = answer.get("code", ""), answer.get("error", "")
    if error:
        reason = f" ({error})" if REASON.fullmatch(error) else ""
        raise AuthorityRefusedError(message=AuthorityRefusedError.message + reason)
    if not code or len(code) > LONGEST_CODE:
        raise LoginParameterError
    return code
