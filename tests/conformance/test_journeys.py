"""The guides in docs/guide with blocks of JavaScript run as they stand, through the official JavaScript SDK: whole trades in journeys/."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from tests.conformance.running import NODE, Shop, node

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
BLOCK = re.compile(r"^```js\n(.*?)^```$", re.MULTILINE | re.DOTALL)
JOURNEYS = sorted(
    path.relative_to(GUIDE).as_posix()
    for path in GUIDE.glob("**/*.md")
    if BLOCK.search(path.read_text("utf-8"))
)

SHORT_ERRORS = """process.on("uncaughtException", (error) => {
  console.error(error.isOrderCloudError ? `${error.status} ${JSON.stringify(error.errors)}` : error.stack);
  process.exit(1);
});
"""
"""The SDK's errors drag whole sockets along."""


@pytest.mark.usefixtures("node_packages", "chromium")
@pytest.mark.parametrize("journey", JOURNEYS)
def test_journey(shop: Shop, journey: str) -> None:
    """The blocks of a page, one after the other, in one program."""
    page = GUIDE / journey
    blocks = BLOCK.findall(page.read_text("utf-8"))
    assert len(blocks) >= 2
    # Beside the packages, where Node looks for them.
    place = Path(tempfile.mkdtemp(prefix="journey-", dir=NODE))
    try:
        shutil.copytree(GUIDE / "journeys", place / "journeys")
        where = place / page.parent.relative_to(GUIDE)
        (where / "journey.mjs").write_text(
            "\n".join([SHORT_ERRORS, *blocks, 'console.log("arrived");\n']), "utf-8"
        )
        done = node(str(where / "journey.mjs"), shop=shop)
    finally:
        shutil.rmtree(place)
    assert (done.returncode, done.stdout) == (0, "arrived\n"), done.stdout + done.stderr
