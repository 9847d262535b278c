"""The console of a server that is registered at GitHub and Google (PORT-3), gone through in a browser.

In Google's place stands a real provider of OpenID Connect, oidc-provider of npm; in GitHub's a double of its protocol.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.api import github as hub
from tests.conformance.running import NODE, install_node_packages, running_shop
from tests.console.running import go_through
from tests.ports import free_port
from tests.strict import ROOT

METHODS = "/api/v1/authorizationmethods"
PROVIDER = """
import { identityProvider } from "./journeys/identity-provider.mjs";
console.log((await identityProvider(JSON.parse(process.argv[2]))).url);
"""


@pytest.mark.usefixtures("console")
def test_registered_at_github_and_google(prepared: Path, browser: str) -> None:
    install_node_packages()
    port = free_port()
    returns = f"http://127.0.0.1:{port}{METHODS}"
    with provider(f"{returns}/google/return") as google, hub.github() as github:
        github.redirect_uri = f"{returns}/github/return"
        github.emails = [{"email": "octocat@example.com", "primary": True, "verified": True}]
        variables = {
            "ENTREPOT_PORTAL_GITHUB": f"{hub.CLIENT} {hub.SECRET}",
            "ENTREPOT_PORTAL_GITHUB_URL": github.url,
            "ENTREPOT_PORTAL_GOOGLE": "entrepot a-secret-of-google",
            "ENTREPOT_PORTAL_GOOGLE_ISSUER": google,
        }
        with running_shop(prepared, port=port, **variables) as shop:
            done = go_through("../registered/elsewhere.test.js", shop, browser)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests 0" not in done.stdout


@contextmanager
def provider(redirect_uri: str) -> Iterator[str]:
    """That of the guide on logins, at which everybody exists; its address."""
    # Beside the packages, where Node looks for them.
    place = Path(tempfile.mkdtemp(prefix="journey-", dir=NODE))
    try:
        shutil.copytree(ROOT / "docs/guide/journeys", place / "journeys")
        (place / "run.mjs").write_text(PROVIDER, "utf-8")
        facts = {"client": "entrepot", "secret": "a-secret-of-google", "redirectUri": redirect_uri}
        with subprocess.Popen(
            ["node", "run.mjs", json.dumps(facts)],
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stdout is not None
                yield process.stdout.readline().strip()
            finally:
                process.kill()
    finally:
        shutil.rmtree(place)
