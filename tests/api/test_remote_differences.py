"""A marketplace that is read over the API of its server, compared with files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.api.sources import Cloud, Clouds, everything, reading

from entrepot.app.registry import registry
from entrepot.engine.wire.json import dump
from entrepot.features.seeding.comparing.comparing import Comparison
from entrepot.features.seeding.comparing.files import read_file
from entrepot.features.seeding.comparing.remotes import read_remote
from entrepot.features.seeding.comparing.sides import UnreadableRecordError
from entrepot.features.seeding.comparing.texts import difference_lines
from entrepot.features.seeding.kinds import kinds_of
from entrepot.features.seeding.problems import Problems


async def told(cloud: Cloud, file: Path) -> list[str]:
    """The readable differences of a file and a server."""
    problems = Problems(file)
    kept = read_file(registry(), file, problems).kept
    problems.refuse()
    async with cloud.reader() as reader:
        remote = await read_remote(registry(), reader)
    found = [each async for each in Comparison(kept, remote, kinds_of(registry())).run()]
    return [line.text for each in found for line in difference_lines(each)]


async def test_a_server_and_the_file_of_which_it_was_made(clouds: Clouds, tmp_path: Path) -> None:
    """Every kind; then what has been changed there since."""
    document, door = everything(), reading(["FullAccess"])
    cloud = await clouds.of(document, door)
    file = tmp_path / "shop.yml"
    for section, kinds in door.items():
        for kind, records in kinds.items():
            document[section].setdefault(kind, []).extend(records)
    file.write_text(dump(document), "utf-8")
    assert await told(cloud, file) == []
    await clouds.connection.execute(
        """UPDATE buyers SET "Name" = 'Changed' WHERE marketplace_id = $1 AND "ID" = 'acme'""",
        cloud.marketplace_id,
    )
    assert await told(cloud, file) == ["~ Buyers acme", '    Name: "Acme" -> "Changed"']


async def test_what_the_token_may_not_read_is_not_told_as_missing(clouds: Clouds, tmp_path: Path) -> None:
    cloud = await clouds.of(everything(), reading(["ProductReader", "BuyerReader"]))
    async with cloud.reader() as reader:
        with pytest.raises(UnreadableRecordError, match=r"Catalogs\.List"):
            await read_remote(registry(), reader)
