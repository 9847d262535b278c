"""@entrepot/testing as npm packs it, in projects of others with Vitest, Jest and node:test, and with the official SDK."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.running import BENCH_KEY, Shop
from tests.testing.conftest import PACKAGE
from tests.testing.guides import GUIDE, blocks
from tests.testing.left import await_left_nothing

RUNNERS = {
    "node": (["node", "--test", "--test-reporter=spec"], "pass 2"),
    "vitest": (["npx", "vitest", "run"], "2 passed"),
    "jest": (["npx", "jest"], "Tests:       2 passed"),
}
TYPED = """
import { startServer, type Received } from "@entrepot/testing";
import { test as ofJest } from "@entrepot/testing/jest";
import { test as ofNode } from "@entrepot/testing/node";
import { test as ofVitest } from "@entrepot/testing/vitest";

ofNode("node", async ({ clock }) => { const now: Date = await clock.freeze(); now.getTime(); });
ofJest("jest", async ({ mailbox }) => { const text: string = (await mailbox.wait()).Text; text.trim(); }, 1000);
ofVitest("vitest", async ({ marketplace, expect }) => { expect(marketplace.users["buyer01"]?.username).toBe("buyer01"); });
const server = await startServer({ command: ["entrepot"] });
const receiver = await (await server.marketplace({ ttl: "PT1M" })).receiver({ status: 500 });
const received: Received[] = await receiver.requests();
received.map((each) => each.path);
// @ts-expect-error a clock advances by a duration
await (await server.marketplace()).clock.advance("P3D");
"""


@pytest.fixture(scope="module")
def project(package: Path) -> Iterator[Path]:
    """One that has installed the package, and finds runners and SDK in the folder above."""
    place = Path(tempfile.mkdtemp(prefix=".project-", dir=PACKAGE))
    try:
        (place / "package.json").write_text('{"name": "shop", "private": true, "type": "module"}')
        options = [
            "--offline",
            "--no-save",
            "--no-package-lock",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]
        subprocess.run(["npm", "install", *options, package], cwd=place, check=True, stdin=subprocess.DEVNULL)
        yield place
    finally:
        shutil.rmtree(place)


@pytest.mark.parametrize("runner", RUNNERS)
def test_runner(
    project: Path, command: str, temporary: Path, environment: dict[str, str], runner: str
) -> None:
    """Two files, in a process each; one server, which has ended with them."""
    shown = blocks(GUIDE, "js")
    assert len(shown) == 4
    place = project / runner
    place.mkdir()
    for name in ("vitest.config.mjs", "jest.config.mjs"):
        (place / name).write_text(shown[name], "utf-8")
    test = shown["shop.test.mjs"].replace("@entrepot/testing/node", f"@entrepot/testing/{runner}")
    assert f"testing/{runner}" in test
    (place / "shop.test.mjs").write_text(test, "utf-8")
    other = shown["webhook.test.mjs"] if runner == "node" else test
    (place / "other.test.mjs").write_text(other, "utf-8")
    line, told = RUNNERS[runner]
    done = subprocess.run(
        line, cwd=place, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=250,
        env={**environment, "ENTREPOT_COMMAND": command, "NO_COLOR": "1", "NODE_OPTIONS": "--experimental-vm-modules"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert told in done.stdout + done.stderr
    # That of node:test has no process of its own that would wait for it.
    await_left_nothing(temporary)


def test_types(project: Path) -> None:
    """Of a test in TypeScript, as strict as that is."""
    (project / "typed.ts").write_text(TYPED)
    options = [
        "--noEmit",
        "--strict",
        "--module",
        "nodenext",
        "--target",
        "es2022",
        "--skipLibCheck",
        "--types",
        "node",
    ]
    done = subprocess.run(
        ["npx", "tsc", *options, "typed.ts"],
        cwd=project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_no_server(project: Path, environment: dict[str, str], temporary: Path) -> None:
    """It says why."""
    (project / "none.mjs").write_text('import { startServer } from "@entrepot/testing"; await startServer();')
    done = subprocess.run(
        ["node", "none.mjs"], cwd=project, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        env=environment | {"ENTREPOT_COMMAND": "/nowhere/entrepot"},
    )  # fmt: skip
    assert done.returncode == 1
    assert "NoServerError: The server for tests did not start:\n/nowhere/entrepot" in done.stderr


WRONG = """
import { NoServerError, SeedError, startServer } from "@entrepot/testing";
const [url, key] = process.argv.slice(2);
const cases = [
  [{ url: "http://127.0.0.1:9", key }, NoServerError, "No server answers at http://127.0.0.1:9 ("],
  [{ url, key: "k".repeat(40) }, NoServerError, "refuses the key: ENTREPOT_TEST_BENCH_KEY has to be"],
  [{ url: `${url}/elsewhere`, key }, NoServerError, "there is no Entrepot with its test bench on"],
  [{ url, key, seed: "not-there" }, SeedError, "has no seed not-there: ENTREPOT_SEED is demo, "],
  [{ url, key, seed: { file: "none.yml" } }, SeedError, "The seed file none.yml cannot be read ("],
  [{ url, key, seed: { file: "bad.yml" } }, SeedError, "bad.yml; correct it:\\nline 2: Buyers.acme.Name"],
];
for (const [options, kind, told] of cases) {
  const error = await (await startServer(options)).marketplace().catch((thrown) => thrown);
  if (!(error instanceof kind) || !error.message.includes(told)) throw new Error(`${told}: ${error}`);
}
console.log(cases.length);
"""


def test_what_is_wrong_is_told_in_a_sentence(project: Path, shop: Shop, environment: dict[str, str]) -> None:
    (project / "wrong.mjs").write_text(WRONG)
    (project / "bad.yml").write_text("Objects:\n  Buyers: [{ID: acme, Nam: Acme}]\n")
    done = subprocess.run(
        ["node", "wrong.mjs", shop.url, BENCH_KEY], cwd=project, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, env=environment,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "6\n"), done.stderr
