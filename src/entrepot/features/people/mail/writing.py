"""A message written by its templates."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import jinja2

from entrepot.domain.mail.headers import one_line
from entrepot.features.people.mail.filters import ALLOWED, links_to
from entrepot.features.people.mail.letters import Letter, Rendered, RenderingError, Values
from entrepot.features.people.mail.templates import Scope

MOST_OUTPUT = 512 * 1024
"""Characters of a text or of its HTML."""
MOST_SECONDS = 5.0
"""That one rendering may take, looked at with each piece of output."""
MOST_ITEMS, MOST_TEXT, MOST_NAMES, DEEPEST = 200, 4_000, 500, 12
"""Of what templates are given: items of a list, characters of a text, properties of an object, objects within objects."""
DEFAULT_LANGUAGE = "en"
_LISTS = frozenset({"Approvals", "LineItems", "Products", "ShipmentItems", "UnavailableProductIDs"})
_EMPTY_LINES = re.compile(r"[ \t]*\n(?:[ \t]*\n){2,}")


def written(letter: Letter, folder: Path | None, hosts: frozenset[str] | None) -> Rendered:
    """What the templates of `folder`, else our own, make of a letter. hosts: see Renderer.link_hosts. Raises RenderingError."""
    try:
        return _written(letter, folder, hosts)
    except (jinja2.TemplateError, ArithmeticError, LookupError, OSError, TypeError, ValueError) as error:
        name = getattr(error, "name", None) or letter.message_type
        raise RenderingError(f"The template {name} fails: {one_line(str(error))}") from error


def _written(letter: Letter, folder: Path | None, hosts: frozenset[str] | None) -> Rendered:
    language = _language(letter.body)
    scope = Scope.of(folder, letter.marketplace, language)
    wording = scope.wording()
    words = wording.get(letter.message_type)
    if words is None:
        raise RenderingError(f"There is no wording for {one_line(letter.message_type)}.")
    values = {**_values(letter), "language": language, "words": wording.get("words", {})}
    values[ALLOWED] = links_to(hosts)
    deadline = time.monotonic() + MOST_SECONDS
    for name in ("subject", "heading", "lead"):
        values[name] = one_line(_joined(scope.sentence(str(words.get(name, ""))), values, deadline), 1_000)
    kind = str(words.get("template", "layout"))
    text, html = (
        _joined(scope.template(f"{letter.message_type}.{form}", f"{kind}.{form}"), values, deadline)
        for form in ("txt", "html")
    )
    return Rendered(one_line(values["subject"]), _EMPTY_LINES.sub("\n\n", text).strip() + "\n", html)


def _values(letter: Letter) -> dict[str, Any]:
    """What a template knows: the properties of the event body, and a few names beside them."""
    event = letter.body.get("EventBody")
    event = event if isinstance(event, dict) else {}
    event = {**event, **{name: [] for name in _LISTS if not isinstance(event.get(name), list)}}
    products = {line.get("ID"): _product_name(line) for line in event["LineItems"] if isinstance(line, dict)}

    def product_of(line_item_id: Any) -> Any:
        return products.get(line_item_id) or line_item_id

    return {
        **{name: bounded(value) for name, value in event.items() if name.isidentifier()},
        "Recipient": bounded(letter.body.get("Recipient")),
        "MessageType": letter.message_type,
        "Marketplace": letter.marketplace,
        "shop": letter.shop,
        "totals": {name: len(value) for name, value in event.items() if isinstance(value, list)},
        "product_of": product_of,
    }


def _product_name(line: dict[str, Any]) -> Any:
    product = line.get("Product")
    name = product.get("Name") if isinstance(product, dict) else None
    return bounded(name or line.get("ProductID"))


def bounded(value: Any, depth: int = 0) -> Any:
    """A JSON value that is no larger than people read."""
    match value:
        case str():
            return value if len(value) <= MOST_TEXT else f"{value[:MOST_TEXT]}…"
        case list() if depth < DEEPEST:
            return [bounded(each, depth + 1) for each in value[:MOST_ITEMS]]
        case dict() if depth < DEEPEST:
            return {name: bounded(each, depth + 1) for name, each in list(value.items())[:MOST_NAMES]}
        case list() | dict():
            return None
        case _:
            return value


def _language(body: Values) -> str:
    recipient = body.get("Recipient")
    locale = recipient.get("Locale") if isinstance(recipient, dict) else None
    language = locale.get("Language") if isinstance(locale, dict) else None
    return language if isinstance(language, str) and language else DEFAULT_LANGUAGE


def _joined(template: jinja2.Template, values: Values, deadline: float) -> str:
    pieces, size = [], 0
    for piece in template.generate(values):
        size += len(piece)
        if size > MOST_OUTPUT or time.monotonic() > deadline:
            raise RenderingError("The template makes too much of the message.")
        pieces.append(piece)
    return "".join(pieces)
