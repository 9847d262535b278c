"""How Azure's clients call abroad: by our own, with its rules for addresses, sizes, time and TLS."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any

from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest._http_response_impl_async import AsyncHttpResponseImpl
from azure.core.utils import case_insensitive_dict

from entrepot.features.people.outgoing.client import Outgoing


class OutgoingTransport(AsyncHttpTransport[Any, Any]):
    """Their transport, of one marketplace."""

    def __init__(self, outgoing: Outgoing, marketplace_id: int, secrets: Iterable[str]) -> None:
        self._outgoing = outgoing
        self._marketplace_id = marketplace_id
        self._secrets = tuple(secrets)

    async def send(self, request: Any, **kwargs: Any) -> Any:
        """Raises ServiceRequestError where no answer came, in our words."""
        answer = await self._outgoing.call(
            self._marketplace_id,
            request.method,
            request.url,
            _body(request),
            list(request.headers.items()),
            secrets=self._secrets,
        )
        if answer.status is None:
            raise ServiceRequestError(answer.text)
        return _Response(request, answer.status, dict(answer.headers), answer.content.raw)

    async def open(self) -> None:
        """Nothing is to be opened."""

    async def close(self) -> None:
        """Nothing is held open."""

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Nothing is held open."""


class _Response(AsyncHttpResponseImpl):
    """A complete answer, as both generations of their clients want it."""

    def __init__(self, request: Any, status: int, headers: dict[str, str], content: bytes) -> None:
        super().__init__(
            request=request,
            internal_response=None,
            status_code=status,
            reason="",
            content_type=headers.get("content-type"),
            headers=case_insensitive_dict(headers),
            stream_download_generator=None,
        )
        self._content = content

    def body(self) -> bytes:
        """The content, by its former name."""
        return self.content


def _body(request: Any) -> bytes:
    # What has become of `data` differs between the generations.
    given = getattr(request, "content", None) or getattr(request, "data", None) or b""
    if hasattr(given, "read"):
        given = given.read()
    return given.encode() if isinstance(given, str) else bytes(given)
