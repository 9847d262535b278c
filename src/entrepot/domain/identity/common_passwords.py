"""Passwords that guessers try first, as far as the platform minimum would let them pass (ASVS 6.2.4).

The list is made of what published lists of leaked passwords have in common: a few hundred words, walks over the keyboard and
counts, with the endings that people add to satisfy rules, in any case and with the usual digits for letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from entrepot.domain.identity.password_config import MINIMUM_CHARACTER_COUNT

WORDS = [
    "password",
    "passw",
    "passwort",
    "motdepasse",
    "contrasena",
    "senha",
    "parola",
    "wachtwoord",
    "geheim",
    "secret",
    "changeme",
    "change",
    "temp",
    "temporary",
    "default",
    "welcome",
    "willkommen",
    "bienvenue",
    "hello",
    "hola",
    "bonjour",
    "letmein",
    "login",
    "logon",
    "access",
    "open",
    "sesame",
    "admin",
    "administrator",
    "root",
    "superuser",
    "user",
    "guest",
    "test",
    "tester",
    "testing",
    "demo",
    "sample",
    "example",
    "master",
    "manager",
    "system",
    "server",
    "computer",
    "internet",
    "security",
    "secure",
    "private",
    "qwerty",
    "qwertz",
    "azerty",
    "qwertyuiop",
    "asdfgh",
    "asdfghjkl",
    "zxcvbn",
    "zxcvbnm",
    "iloveyou",
    "loveyou",
    "lovely",
    "love",
    "forever",
    "sunshine",
    "princess",
    "dragon",
    "monkey",
    "football",
    "baseball",
    "basketball",
    "soccer",
    "hockey",
    "superman",
    "batman",
    "spiderman",
    "pokemon",
    "starwars",
    "startrek",
    "matrix",
    "shadow",
    "michael",
    "jordan",
    "jennifer",
    "jessica",
    "ashley",
    "thomas",
    "daniel",
    "andrew",
    "joshua",
    "matthew",
    "robert",
    "charlie",
    "maggie",
    "buster",
    "harley",
    "george",
    "hunter",
    "ranger",
    "killer",
    "tigger",
    "pepper",
    "ginger",
    "cookie",
    "cheese",
    "banana",
    "orange",
    "purple",
    "yellow",
    "silver",
    "golden",
    "diamond",
    "flower",
    "freedom",
    "whatever",
    "nothing",
    "trustno",
    "trustme",
    "mustang",
    "ferrari",
    "porsche",
    "mercedes",
    "corvette",
    "chelsea",
    "arsenal",
    "liverpool",
    "barcelona",
    "realmadrid",
    "juventus",
    "yankees",
    "cowboys",
    "eagles",
    "steelers",
    "lakers",
    "summer",
    "winter",
    "spring",
    "autumn",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "sommer",
    "fruehling",
    "herbst",
    "london",
    "paris",
    "berlin",
    "newyork",
    "america",
    "canada",
    "germany",
    "france",
    "england",
    "australia",
    "company",
    "business",
    "office",
    "work",
    "marketing",
    "sales",
    "support",
    "service",
    "customer",
    "shop",
    "store",
    "buyer",
    "seller",
    "supplier",
    "orders",
    "ordercloud",
    "sitecore",
    "entrepot",
    "google",
    "facebook",
    "twitter",
    "linkedin",
    "youtube",
    "microsoft",
    "windows",
    "apple",
    "samsung",
    "android",
    "amazon",
    "adobe",
    "oracle",
    "cisco",
    "minecraft",
    "blink",
    "fuckyou",
    "jesus",
    "christ",
    "angel",
    "heaven",
    "family",
    "friend",
    "friends",
    "mother",
    "father",
    "brother",
    "sister",
]
ENDINGS = (
    *("1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890"),
    *("0", "00", "01", "007", "10", "11", "22", "99", "69", "77", "88", "100", "111", "222", "321", "4321", "54321", "666", "777"),
    *("999", "1111", "2222", "12321", "112233", "123123", "abc123", "123abc", "1q2w3e", "1a2b3c", "a1", "1a", "1234abcd", "q1w2e3"),
    *(str(year) for year in range(1980, 2031)),
)  # fmt: skip
SIGNS = "!.?@#$*"
ROWS = (
    *("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "azertyuiop", "qwertzuiop"),
    *("1qaz2wsx3edc4rfv5tgb", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "zaq12wsxcde3", "qazwsxedcrfv"),
    *("a1b2c3d4e5f6g7h8i9j0", "1a2b3c4d5e6f7g8h9i0j", "123qweasdzxc", "qweasdzxc123", "abc123def456", "aa11bb22cc33"),
)  # fmt: skip

_WORDS, _FIRST_WORDS = frozenset(WORDS), frozenset(WORDS[:40])
_ENDINGS, _BEGINNINGS, _SHORT_ENDINGS = frozenset(ENDINGS), frozenset(ENDINGS[:10]), ENDINGS[:4]
_WALKS = (*ROWS, *(row[::-1] for row in ROWS))
_SHORTEST_WALK = 4
_PLAIN = str.maketrans("@$!0134578", "asioleastb")
_DISTINCT = 3
"""Fewer different characters than these are no secret, however often they come."""
_OWN_REST = 5
"""Characters that a password needs beside the user's own name."""


def is_common(password: str) -> bool:
    """Whether a guesser would try it early: on the list, of one or two characters, or a piece twice."""
    folded = password.casefold()
    if len(set(folded)) < _DISTINCT:
        return True
    bare = folded.rstrip(SIGNS)
    ways = {folded, bare, _piece(folded), _piece(bare)}
    return any(is_listed(way) or is_listed(_stem(way)) for way in ways)


def is_own_name(password: str, names: Iterable[str]) -> bool:
    """Whether there is little in a password besides the names of whom it is to protect."""
    rest = folded = password.casefold()
    for name in sorted((name.casefold() for name in names if len(name) > 2), key=len, reverse=True):
        rest = rest.replace(name, "")
    return rest != folded and len(rest) < _OWN_REST


def is_listed(text: str) -> bool:
    """Whether a text in lower case is on the list, which is never written out: it would take 5 MiB of each process."""
    return len(text) >= MINIMUM_CHARACTER_COUNT and (_is_of_words(text) or _is_walk(text))


def _is_of_words(text: str) -> bool:
    """A word with an ending, or behind one of the first; or two of the first words, with or without a 1."""
    for place in range(1, len(text)):
        first, last = text[:place], text[place:]
        if (first in _WORDS and last in _ENDINGS) or (first in _BEGINNINGS and last in _WORDS):
            return True
        if first in _FIRST_WORDS and (last in _FIRST_WORDS or last.removesuffix("1") in _FIRST_WORDS):
            return True
    return False


def _is_walk(text: str) -> bool:
    """A piece of a row, there or back, with or without one of the first endings."""
    pieces = [text, *(text.removesuffix(ending) for ending in _SHORT_ENDINGS if text.endswith(ending))]
    return any(len(piece) >= _SHORTEST_WALK and piece in walk for piece in pieces for walk in _WALKS)


def _piece(text: str) -> str:
    """What a text repeats, once: `abcabc` is no better than `abc`; with the endings it may be on the list."""
    repeated = re.fullmatch(r"(.+?)\1+", text)
    return (
        text if repeated is None else repeated[1] + "1" * max(0, MINIMUM_CHARACTER_COUNT - len(repeated[1]))
    )


def _stem(text: str) -> str:
    """A text with letters for the digits and signs that stand for them, but for those at its end."""
    stem = text.rstrip("0123456789" + SIGNS)
    return stem.translate(_PLAIN) + text[len(stem) :]
