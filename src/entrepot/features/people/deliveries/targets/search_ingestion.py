"""SearchIngestion: products and entities become documents of a search service, in every language that is asked for (DC-5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from entrepot.domain.deliveries.search_documents import attributes, identity, merged
from entrepot.domain.integrations.headers import is_custom, is_value
from entrepot.features.people.deliveries.targets.envelopes import payload
from entrepot.features.people.deliveries.targets.outcomes import delivered, failed, refused
from entrepot.features.people.deliveries.targets.services_abroad import ServiceTarget, base, called, segment
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.outgoing.answers import Answer
from entrepot.kernel.errors import InvalidBodyError

INGESTION = "/ingestion/v1"
MOST_LOCALES = 50
DELETED = ".deleted"


class SearchIngestionTarget(ServiceTarget):
    """PUT of a document, or DELETE."""

    async def tell(self, sending: Sending) -> Answer:
        thing = await payload(sending.body)
        name = identity(thing)
        if name is None:
            return refused("A search service takes products and entities only, and this message names none.")
        content = sending.config.get("Content") or {}
        locales: list[str | None] = [str(each) for each in content.get("Locales") or ()]
        for locale in locales[:MOST_LOCALES] or [None]:
            if (sending.type or "").endswith(DELETED):
                answer = await _deleted(sending, name, locale)
            else:
                answer = await _ingested(sending, thing, name, locale)
            if not answer.succeeded:
                return answer
        return answer


async def _ingested(sending: Sending, thing: Mapping[str, Any], name: str, locale: str | None) -> Answer:
    fields = attributes(thing)
    if locale is not None and (sending.config["Content"].get("Http") or {}).get("Endpoint"):
        answer = await _content(sending, name, locale)
        if answer.status != 404 and not answer.succeeded:
            return answer
        if answer.succeeded:
            try:
                fields = merged(fields, _of_locale(answer.content.value, locale))
            except InvalidBodyError:
                return failed("The endpoint of the content did not answer with JSON.", answer.status)
    document = {"document": {"id": name, "fields": fields}}
    return await _told(sending, "PUT", name, locale, document)


async def _deleted(sending: Sending, name: str, locale: str | None) -> Answer:
    answer = await _told(sending, "DELETE", name, locale)
    return delivered() if answer.status == 404 else answer


async def _told(
    sending: Sending, method: str, name: str, locale: str | None, document: Mapping[str, Any] | None = None
) -> Answer:
    config = sending.config
    url = base(config["Endpoint"])
    if not url.endswith(INGESTION):
        url += INGESTION
    parts = {"domains": config["Domain"], "sources": config["Source"], "entities": config["Entity"]}
    path = "".join(f"/{part}/{segment(value)}" for part, value in parts.items())
    query = "" if locale is None else "?" + urlencode({"locale": locale})
    key = str(config["ApiKey"])
    return await called(
        sending,
        method,
        f"{url}{path}/documents/{segment(name)}{query}",
        document,
        headers=[("Authorization", key)] if is_value(key) else (),
        secrets=[key],
    )


async def _content(sending: Sending, name: str, locale: str) -> Answer:
    """What another system says of it: GET <Endpoint>/{entity}/{ID} for a locale."""
    http = sending.config["Content"]["Http"]
    header, value = http.get("CustomAuthHeaderName"), http.get("CustomAuthHeaderValue")
    usable = header and value and is_custom(header) and is_value(value)
    url = f"{base(http['Endpoint'])}/{segment(sending.config['Entity'])}/{segment(name)}"
    return await called(
        sending,
        "GET",
        f"{url}?{urlencode({'locale': locale})}",
        headers=[(header, value)] if usable else (),
        secrets=[value],
    )


def _of_locale(content: Any, locale: str) -> Any:
    """The answer itself, or what it has below the locale's name."""
    if isinstance(content, dict) and isinstance(content.get(locale), dict):
        return content[locale]
    return content
