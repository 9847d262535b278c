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


def test_where_no_server_runs_it_says_what_was_needed(tmp_path: Path, database_url: str) -> None:
    settings = {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_SECRET_KEY": KEY}
    seed, file, kept = tmp_path / "shop.yml", tmp_path / "out.json", tmp_path / "kept.json"
    seed.write_text("Objects:\n  Buyers:\n    - {ID: acme, Name: Acme}\n")
    assert entrepot("seed", str(seed), "-i", "recorded-shop", **settings).returncode == 0
    wishes = ["-i", "recorded-shop", "--for", "1", "--base-url", "http://shop.example"]
    kept.write_text("an hour of requests")
    for each in (file, kept):
        done = entrepot("record", str(each), *wishes, **settings)
        hint = f"entrepot: nobody has sent a request, and nothing is written to {each}. The server has to run"
        assert (done.returncode, done.stderr.startswith(hint)) == (1, True), done
    assert not file.exists()
    assert kept.read_text() == "an hour of requests", "an empty recording takes no other's place"
