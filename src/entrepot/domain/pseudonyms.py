"""Pseudonyms for what tells who somebody is: the same for the same value under one key, and without the key no way back.

Values compare without regard to case and to spaces around them. Nothing made here reaches anybody: addresses of mail end in a
domain that is reserved for examples, phone numbers begin with zeros.
"""

from __future__ import annotations

import hashlib
import hmac
import re

FIRST_NAMES = (
    "Alba", "Arlo", "Bela", "Bram", "Cleo", "Cyra", "Dana", "Dario", "Edda", "Eryk", "Fiora", "Galen", "Gwyn", "Hana",
    "Idris", "Iona", "Jora", "Juno", "Kaia", "Kian", "Lior", "Luma", "Maro", "Mira", "Nilo", "Nova", "Odil", "Orla",
    "Pavo", "Quin", "Rafa", "Runa", "Sami", "Sol", "Tamsin", "Tove", "Uma", "Vero", "Wren", "Ximo", "Yara", "Zeno",
)  # fmt: skip
LAST_NAMES = (
    "Alder", "Ashdown", "Birkett", "Brandis", "Calder", "Corvin", "Dunmore", "Eastley", "Elmsted", "Fairholm", "Garrick",
    "Hallow", "Ingram", "Jessop", "Kestrel", "Larkin", "Marlow", "Nettle", "Oakes", "Penrose", "Quarry", "Rushton",
    "Sable", "Thornby", "Underhill", "Vance", "Westover", "Yarrow",
)  # fmt: skip
EMAIL = re.compile(r"[\w.%+-]+(?:'[\w.%+-]+)*@[\w-]+(?:\.[\w-]+)*\.\w{2,}")
"""An address of mail within a text."""


class Pseudonyms:
    """Those of one key, of any bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def first_name(self, first: str, last: str) -> str:
        """Of a person: both names together tell who it is."""
        return FIRST_NAMES[self._number("person", first, last) % len(FIRST_NAMES)]

    def last_name(self, first: str, last: str) -> str:
        """Unlike that of others with the same first name, as far as six digits go."""
        number = self._number("person", first, last) // len(FIRST_NAMES)
        return f"{LAST_NAMES[number % len(LAST_NAMES)]}-{number // len(LAST_NAMES) % 0x1000000:06x}"

    def full_name(self, name: str) -> str:
        """First name and rest, as they have each by itself."""
        first, _, last = name.strip().partition(" ")
        return f"{self.first_name(first, last)} {self.last_name(first, last)}"

    def email(self, address: str) -> str:
        """At example.com."""
        return f"p-{self.code('email', address, 12)}@example.com"

    def username(self, name: str) -> str:
        """One that is an address of mail stays one, and is that one."""
        return (
            self.email(name) if EMAIL.fullmatch(name.strip()) else f"user-{self.code('username', name, 12)}"
        )

    def phone(self, number: str) -> str:
        """One that nobody has."""
        return f"+00 000 {self._number('phone', number) % 10**7:07}"

    def word(self, what: str, text: str) -> str:
        """`Street 3f09a1`, for texts that say something else than who."""
        return f"{what} {self.code(what, text, 6)}"

    def shape(self, text: str) -> str:
        """Digits for digits and letters for letters, as in postal codes."""
        number = self._number("shape", text)
        changed = []
        for character in text:
            if character.isdigit():
                number, place = divmod(number, 10)
                character = str(place)
            elif character.isalpha():
                number, place = divmod(number, 26)
                character = chr(ord("A" if character.isupper() else "a") + place)
            changed.append(character)
        return "".join(changed)

    def without_emails(self, text: str) -> str:
        """A text with other addresses of mail."""
        return EMAIL.sub(lambda found: self.email(found[0]), text) if "@" in text else text

    def code(self, what: str, text: str, length: int) -> str:
        """Hexadecimal digits."""
        return f"{self._number(what, text):064x}"[:length]

    def _number(self, what: str, *texts: str) -> int:
        message = "\0".join((what, *(text.strip().casefold() for text in texts)))
        return int.from_bytes(
            hmac.digest(self._key, message.encode("utf-8", "surrogatepass"), hashlib.sha256)
        )
