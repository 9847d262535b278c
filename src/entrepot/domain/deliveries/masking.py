"""What of a delivery nobody may read in a log: passwords, codes, keys and tokens, wherever they stand in a body or an answer.

A text is gone through once from the left, whatever it is: whole JSON, JSON that was cut off, a form, a page. Everything else
stays as it was, to the letter.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache

MASK = "***"
LONGEST_KNOWN = 64
"""Characters of a name that is remembered."""
DEEPEST = 4
"""How often JSON may stand as a text within JSON before it counts as text."""

_SECRET_PARTS = (
    "password", "passwd", "passcode", "pwd", "secret", "token", "credential", "authorization", "cookie",
    "apikey", "sharedkey", "hashkey", "accountkey", "accesskey", "privatekey", "signingkey",
    "connectionstring", "headervalue", "verificationcode", "resetcode", "securitycode", "invitationid", "cvv", "cvc",
)  # fmt: skip
"""What the name of something secret has in it, as `folded`."""
_SECRET_IN_URLS = frozenset({"code", "sig", "signature", "sas", "otp", "pin", "key"})
"""Names of what is secret in an address or a form, and need not be so in JSON (the code of a promotion)."""
_SAID_OF = frozenset({"content", "value", "vars"})
"""Properties beside a `name` that hold what it names (MS-9)."""

_LEX = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?$)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,2}")
_SCHEME = re.compile(r"\b(Bearer|Basic|Digest)( +)[^\s,;\"'<>]+", re.IGNORECASE)
_USERINFO = re.compile(r"(://[^/\s:@\"'<>]{0,200}:)[^/\s@\"'<>]{1,500}@")
_NAMED = re.compile(
    r"([A-Za-z][A-Za-z0-9_.\-]{0,63}+)(\\{0,4}[\"']?\s{0,2}(=|%3[Dd]|:(?!//))\s{0,2}\\{0,4}([\"']?))"
)
"""A name, and what stands between it and its value."""
_BARE, _QUOTED = re.compile(r"[^&;,\s\"'<>\\]+"), re.compile(r"[^\"'\\]+")
_HALF_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")
_SUSPECT = re.compile(r"[=:%]|eyJ|-----BEGIN|bearer|basic|digest", re.IGNORECASE)
"""What any of those that follow has in it."""
_PEM = re.compile(r"-----BEGIN [A-Z ]{1,40}-----[^-]*(?:-----END [A-Z ]{1,40}-----|$)")


def is_secret(name: str) -> bool:
    """Whether what has this name is nobody's to read: `PasswordRenewalVerificationCode`, `x-api-key`, `OrderCloudAccessToken`."""
    return _known(name) if len(name) <= LONGEST_KNOWN else _has_secret_part(name)


def mask(text: str) -> str:
    """The text with MASK for whatever is secret in it. Masking twice changes nothing more."""
    return _masked(text, DEEPEST)


def _has_secret_part(name: str) -> bool:
    folded = _folded(name)
    return any(part in folded for part in _SECRET_PARTS)


_known = lru_cache(maxsize=4096)(_has_secret_part)


def _folded(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _masked(text: str, depth: int) -> str:
    start = text.lstrip()[:1]
    return _masked_json(text, depth) if start in {"{", "["} and depth else _masked_text(text)


def _masked_text(text: str) -> str:
    if _SUSPECT.search(text) is None:
        return text
    text = _PEM.sub(MASK, text)
    text = _TOKEN.sub(MASK, text)
    text = _SCHEME.sub(rf"\1\2{MASK}", text)
    text = _USERINFO.sub(rf"\1{MASK}@", text)
    out, place = [], 0
    for found in _NAMED.finditer(text):
        name, _, sign, quote = found.groups()
        if found.start() < place or not (
            is_secret(name) or (sign != ":" and _folded(name) in _SECRET_IN_URLS)
        ):
            continue
        value = (_QUOTED if quote else _BARE).match(text, found.end())
        if value is not None:
            out += [text[place : found.end()], MASK]
            place = value.end()
    return "".join((*out, text[place:]))


@dataclass(slots=True)
class _Within:
    """An object or array that is open."""

    is_object: bool
    secret: bool
    """Whether all that is in it is."""
    name: str | None = None
    """Of the property whose value comes next; None before a name."""
    named_secret: bool = False
    """Whether its property `name` says that its content is secret."""
    content: int | None = None
    """Where that content stands, if it came first."""

    @property
    def hides(self) -> bool:
        """Whether the value that comes next is secret."""
        if self.secret or not self.is_object or self.name is None:
            return self.secret
        return is_secret(self.name) or (self.named_secret and self.name.lower() in _SAID_OF)


def _masked_json(text: str, depth: int) -> str:
    out: list[str] = []
    place = 0
    open_: list[_Within] = []
    for found in _LEX.finditer(text):
        out.append(text[place : found.start()])
        place = found.end()
        lexeme = found[0]
        within = open_[-1] if open_ else None
        match lexeme:
            case "{" | "[":
                open_.append(_Within(lexeme == "{", within is not None and within.hides))
            case "}" | "]":
                if open_:
                    open_.pop()
            case ",":
                if within is not None:
                    within.name = None
            case ":":
                pass
            case _ if within is not None and within.is_object and within.name is None:
                within.name = _read(lexeme)
            case _:
                lexeme = _value(lexeme, within, out, depth)
        out.append(lexeme)
    out.append(text[place:])
    return "".join(out)


def _value(lexeme: str, within: _Within | None, out: list[str], depth: int) -> str:
    """A text, number or literal as it is shown. `out` is what comes before it."""
    if within is not None:
        if within.hides:
            return lexeme if lexeme in {"null", "true", "false", '""'} else f'"{MASK}"'
        name = "" if within.name is None else within.name.lower()
        if name in _SAID_OF:
            within.content = len(out)
        elif name == "name" and is_secret(_read(lexeme)):
            within.named_secret = True
            if within.content is not None:
                out[within.content] = f'"{MASK}"'
    if not lexeme.startswith('"'):
        return lexeme
    read = _read(lexeme)
    shown = _masked(read, depth - 1)
    return lexeme if shown == read else json.dumps(shown)


def _read(lexeme: str) -> str:
    """What a JSON text says; one that is cut off or broken says what it has."""
    if "\\" not in lexeme:
        return lexeme.strip('"')
    for whole in (lexeme, f'{_HALF_ESCAPE.sub("", lexeme)}"'):
        try:
            return str(json.loads(whole, strict=False))
        except ValueError:
            continue
    return lexeme.strip('"')
