"""`entrepot record` where it cannot."""

from __future__ import annotations

from pathlib import Path

from tests.app.commands import KEY, entrepot, told


def test_a_file_that_cannot_be_written_is_told_before_anything_is_recorded(
    tmp_path: Path, database_url: str
) -> None:
    settings = {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_SECRET_KEY": KEY}
    nowhere = tmp_path / "none" / "out.json"
    done = entrepot("record", str(nowhere), "-i", "nobody's", "--for", "600", **settings)
    assert told(done) == f"{nowhere}: No such file or directory"


def test_what_cannot_be_recorded_leaves_no_file(tmp_path: Path, database_url: str) -> None:
    settings = {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_SECRET_KEY": KEY}
    file, kept = tmp_path / "out.json", tmp_path / "kept.json"
    kept.write_text("as it was")
    for each in (file, kept):
        done = entrepot("record", str(each), "-i", "nobody's", **settings)
        assert told(done) == "there is no marketplace nobody's"
    assert not file.exists()
    assert kept.read_text() == "as it was"
