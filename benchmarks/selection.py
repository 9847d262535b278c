"""Which cases are wanted."""

from __future__ import annotations


class Selection:
    """Texts with commas between them: cases whose name has one of those, and none of those that begin with a minus.

    `catalog,-search`; nothing stands for every case. Whatever the case of the letters.
    """

    def __init__(self, texts: str) -> None:
        words = [word.strip().lower() for word in texts.split(",") if word.strip()]
        self._some = [word for word in words if not word.startswith("-")]
        self._none = [word[1:] for word in words if word.startswith("-")]

    def wants(self, name: str) -> bool:
        """Whether a case of this name is measured."""
        lower = name.lower()
        if any(word in lower for word in self._none):
            return False
        return not self._some or any(word in lower for word in self._some)
