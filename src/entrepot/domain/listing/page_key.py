"""The opaque key of a next page (LIST-6): the query it continues and where it goes on.

It holds nothing that the client does not know; the digest only tells a damaged key from a good one.
"""

from __future__ import annotations

import base64
import hashlib
import zlib

from entrepot.domain.listing.budget import MOST_BYTES, require_short
from entrepot.domain.listing.query import QueryPair, option_name, split_query
from entrepot.kernel.errors import InvalidQueryError

_DIGEST_LENGTH = 8
_POSITION = frozenset({"page", "pagesize", "pagekey"})


def encode_page_key(query: bytes, page: int, page_size: int) -> str:
    """A key for page `page` of the list that the raw query string asked for."""
    kept = [pair for pair in query.split(b"&") if pair and not _is_position(pair)]
    text = b"&".join([b"page=%d" % page, b"pageSize=%d" % page_size, *kept])
    data = zlib.compress(text, 9)
    return base64.urlsafe_b64encode(_digest(data) + data).rstrip(b"=").decode()


def decode_page_key(key: str) -> bytes:
    """The raw query string that the key continues. Raises InvalidQueryError for anything this server did not make."""
    try:
        decoded = base64.b64decode(key + "=" * (-len(key) % 4), altchars=b"-_", validate=True)
        digest, data = decoded[:_DIGEST_LENGTH], decoded[_DIGEST_LENGTH:]
        if digest != _digest(data):
            raise InvalidQueryError
        # One byte more than may be there: what is longer shows, and is not made.
        return zlib.decompressobj().decompress(data, MOST_BYTES + 1)
    except (ValueError, zlib.error) as error:
        raise InvalidQueryError from error


def read_query(query: str | bytes) -> tuple[bytes, list[QueryPair]]:
    """The query string to obey, raw and split: the one given or, with a pageKey in it, the one that the key continues.

    An operation reads its own parameters from these pairs too. Raises InvalidQueryError for a damaged key and beyond the
    limits of length.
    """
    raw = query.encode("utf-8", "replace") if isinstance(query, str) else query
    require_short(raw, has_key=True)
    pairs = split_query(raw)
    key = next((value for name, value in pairs if option_name(name) == "pagekey" and value), None)
    if key is not None:
        raw = decode_page_key(key)
        pairs = split_query(raw)
    require_short(raw)
    return raw, pairs


def _is_position(pair: bytes) -> bool:
    (name, _), *_ = split_query(pair)
    return option_name(name) in _POSITION


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(b"page key 1\0" + data).digest()[:_DIGEST_LENGTH]
