"""Lower case as the database's C.UTF-8 reads it: character by character, each to exactly one."""

from __future__ import annotations

# The only character whose full lower case has two.
_DOTTED_CAPITAL_I = "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"


def fold(text: str) -> str:
    """`text` in the form in which lists compare it. Strings order by the code points of this form."""
    if text.isascii():
        return text.lower()
    return "".join("i" if character == _DOTTED_CAPITAL_I else character.lower() for character in text)
