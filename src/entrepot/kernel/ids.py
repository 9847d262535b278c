"""Identifiers: what an ID may look like and how one is made (ID-1, ID-2)."""

from __future__ import annotations

import base64
import os
import re
import uuid

MAX_ID_LENGTH = 100
ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,100}")


def is_id(text: str) -> bool:
    """Whether `text` may be an ID: 1 to 100 of A-Z a-z 0-9 - _."""
    return ID_PATTERN.fullmatch(text) is not None


def new_id() -> str:
    """A generated ID: 22 characters, URL-safe base64 of 16 random bytes without padding.

    It begins with a letter or digit: a command line takes what begins with a hyphen for an option.
    """
    while True:
        made = base64.urlsafe_b64encode(os.urandom(16)).rstrip(b"=").decode()
        if made[0].isalnum():
            return made


def new_guid() -> str:
    """A generated GUID in upper case, the form of API client IDs."""
    return str(uuid.uuid4()).upper()
