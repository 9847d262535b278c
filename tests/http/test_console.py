"""The console over HTTP: built files packed and kept, a plain page without them, and nothing else of the folder."""

from __future__ import annotations

import gzip
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from tests.conformance.contract_registry import contract_registry
from tests.http.driver import App, ask

from entrepot.http import console
from entrepot.http.asgi import build_app
from entrepot.http.console.page import UNBUILT
from entrepot.http.exchange import Opened

SCRIPT = b"export const all = 1;" * 100
PACKED = gzip.compress(SCRIPT, mtime=0)
PAGE = b"<!doctype html><title>Entrepot</title>"
FILES = {
    "index.html": PAGE,
    "icon.svg": b"<svg/>",
    "assets/index-0a1b.js": SCRIPT,
    "assets/index-0a1b.js.br": b"packed by brotli",
    "assets/index-0a1b.js.gz": PACKED,
    ".sources": b"1 2",
    "notes.md": b"left by somebody",
}


def unopened() -> AbstractAsyncContextManager[Opened]:
    raise NotImplementedError


def serving(built: Path) -> App:
    """An application that was not started: the console needs neither a database nor a token."""
    resources = console.routes(built)
    return build_app(contract_registry(), unopened, base_url="http://shop.example", resources=resources)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    built = tmp_path_factory.mktemp("built")
    (built / "assets").mkdir()
    for name, content in FILES.items():
        (built / name).write_bytes(content)
    return serving(built)


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", b"packed by brotli"),
        ("gzip, br;q=0", "gzip", PACKED),
        ("*", "br", b"packed by brotli"),
        ("identity", None, SCRIPT),
        (None, None, SCRIPT),
    ],
)
async def test_a_script_goes_as_it_was_packed(
    app: App, accepted: str | None, coding: str | None, body: bytes
) -> None:
    headers = [] if accepted is None else [("Accept-Encoding", accepted)]
    answer = await ask(app, "GET", "/assets/index-0a1b.js", headers=headers)
    assert (answer.status, answer.headers.get("content-encoding")) == (200, coding)
    assert answer.body == body
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_the_page_is_asked_for_again_and_admits_no_foreign_script(app: App) -> None:
    answer = await ask(app, "GET", "/")
    assert (answer.status, answer.body) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/icon.svg", "/assets/index-0a1b.js"])
async def test_what_a_browser_has_is_not_sent_again(app: App, path: str) -> None:
    """HEAD tells the same without the body; a tag is of one coding."""
    first = await ask(app, "GET", path)
    head = await ask(app, "HEAD", path)
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", first.headers["etag"])
    for sent in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = await ask(app, "GET", path, headers=[("If-None-Match", sent)])
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == first.headers["cache-control"]
    other = await ask(app, "GET", path, headers=[("If-None-Match", '"other"')])
    assert (other.status, other.body) == (200, first.body)


async def test_each_coding_has_a_tag_of_its_own(app: App) -> None:
    tags = {
        (await ask(app, "GET", "/assets/index-0a1b.js", headers=[("Accept-Encoding", each)])).headers["etag"]
        for each in ("br", "gzip", "identity")
    }
    assert len(tags) == 3


@pytest.mark.parametrize(
    "path",
    ["/.sources", "/notes.md", "/index.html", "/assets/index-0a1b.js.br", "/assets/", "/assets/..%2fnotes.md", "/page.py"],
)  # fmt: skip
async def test_nothing_else_of_the_folder_is_served(app: App, path: str) -> None:
    assert (await ask(app, "GET", path)).status == 404


@pytest.mark.parametrize("built", [True, False])
async def test_operations_are_where_they_were(app: App, tmp_path: Path, built: bool) -> None:
    chosen = app if built else serving(tmp_path)
    assert (await ask(chosen, "GET", "/v1/me")).status == 401
    assert (await ask(chosen, "GET", "/v1/nope")).codes == ["NotFound"]
    assert (await ask(chosen, "POST", "/", body=b"{}")).codes == ["MethodNotAllowed"]


async def test_where_it_is_not_built_a_plain_page_leads_on(tmp_path: Path) -> None:
    """Also where a build left an empty folder, or none."""
    for built in (tmp_path, tmp_path / "nowhere"):
        answer = await ask(serving(built), "GET", "/")
        assert (answer.status, answer.body) == (200, UNBUILT.read_bytes())
        assert b'href="/docs"' in answer.body
        assert answer.headers["cache-control"] == "no-cache"


async def test_a_build_made_meanwhile_is_served(tmp_path: Path) -> None:
    """The page and what it names, which has other names then; also by a server in the same folder that nobody starts again."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(PAGE)
    (tmp_path / "assets" / "index-0a1b.js").write_bytes(SCRIPT)
    running = serving(tmp_path)
    first = await ask(running, "GET", "/")
    (tmp_path / "assets" / "index-0a1b.js").unlink()
    (tmp_path / "assets" / "index-2c3d.js").write_bytes(b"export {};")
    (tmp_path / "index.html").write_bytes(PAGE + b"<p>")
    again = await ask(running, "GET", "/", headers=[("If-None-Match", first.headers["etag"])])
    assert (again.status, again.body) == (200, PAGE + b"<p>")
    assert (await ask(running, "GET", "/assets/index-2c3d.js")).body == b"export {};"
    assert (await ask(running, "GET", "/assets/index-0a1b.js")).status == 404


async def test_a_file_is_read_once_for_as_long_as_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for those who have it already; what is written meanwhile is read, even where it is as long as it was."""
    (tmp_path / "index.html").write_bytes(PAGE)
    reads: list[Path] = []
    read = Path.read_bytes

    def noting(path: Path) -> bytes:
        reads.append(path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", noting)
    running = serving(tmp_path)
    tag = (await ask(running, "GET", "/")).headers["etag"]
    for headers in ([], [("If-None-Match", tag)], [("If-None-Match", '"other"')]):
        assert (await ask(running, "GET", "/", headers=headers)).headers["etag"] == tag
    assert reads == [tmp_path / "index.html"]
    (tmp_path / "next.html").write_bytes(PAGE.replace(b"E", b"e"))
    (tmp_path / "next.html").replace(tmp_path / "index.html")
    again = await ask(running, "GET", "/", headers=[("If-None-Match", tag)])
    assert (again.status, again.body) == (200, PAGE.replace(b"E", b"e"))
    assert again.headers["etag"] != tag
