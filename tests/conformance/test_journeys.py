"""The guides in docs/guide/journeys run as they stand: whole trades through the official JavaScript SDK."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from tests.conformance.running import NODE, Shop, node

GUIDES = Path(__file__).parents[2] / "docs" / "guide" / "journeys"
JOURNEYS = sorted(path.stem for path in GUIDES.glob("*.md") if path.stem != "README")
BLOCK = re.compile(r"^```js\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SHORT_ERRORS = """process.on("uncaughtException", (error) => {
  console.error(error.isOrderCloudError ? `${error.status} ${JSON.stringify(error.errors)}` : error.stack);
  process.exit(1);
});
"""
"""The SDK's errors drag whole sockets along."""


@pytest.mark.usefixtures("node_packages")
@pytest.mark.parametrize("journey", JOURNEYS)
def test_journey(shop: Shop, journey: str) -> None:
    """The blocks of a page, one after the other, in one program."""
    blocks = BLOCK.findall((GUIDES / f"{journey}.md").read_text("utf-8"))
    assert len(blocks) >= 2
    # Beside the packages, where Node looks for them.
    place = Path(tempfile.mkdtemp(prefix="journey-", dir=NODE))
    try:
        shutil.copy(GUIDES / "shop.mjs", place)
        (place / "journey.mjs").write_text(
            "\n".join([SHORT_ERRORS, *blocks, 'console.log("arrived");\n']), "utf-8"
        )
        done = node(str(place / "journey.mjs"), shop=shop)
    finally:
        shutil.rmtree(place)
    assert (done.returncode, done.stdout) == (0, "arrived\n"), done.stdout + done.stderr
