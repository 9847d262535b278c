"""Projects of people who test what they have built, written from what README.md and docs/guide/testing.md show."""

from __future__ import annotations

import re
from pathlib import Path

from tests.strict import ROOT

GUIDE = ROOT / "docs/guide/testing.md"
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(python|js) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> dict[str, str]:
    """What stands on a page in a language, by the names that it gives."""
    found = BLOCK.findall(page.read_text("utf-8"))
    return {name: text for spoken, name, text in found if spoken == language}
