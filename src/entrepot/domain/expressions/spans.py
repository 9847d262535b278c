"""Which characters of an expression a fault is about, and which a clause is."""

from __future__ import annotations

from entrepot.domain.expressions.lexer import lexemes
from entrepot.kernel.errors import ExpressionError, ExpressionSyntaxError


def span(text: str, fault: ExpressionError) -> tuple[int, int]:
    """The first character, from 0, and how many; none where the expression ends too early.

    A token is spelled without the white space that a path may have around its dots.
    """
    start = min(fault.position, len(text))
    token = fault.token
    if isinstance(fault, ExpressionSyntaxError) or text.startswith(token, start):
        return start, min(len(token), len(text) - start)
    found, end = "", start
    for word in lexemes(text):
        if word.position >= start and len(found) < len(token):
            found += word.text
            end = word.position + len(word.text)
    return start, end - start
