"""The command line as a person runs it."""

import os
import subprocess

from tests.forking import run
from tests.prepared import CHEAP_HASHES

KEY = "k" * 32


def entrepot(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `settings` are further variables of its environment."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("ENTREPOT_")}
    return run("entrepot", *arguments, environment=variables | CHEAP_HASHES | settings, timeout=120)


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that failed said: one line on standard error, and nothing else."""
    assert (done.returncode, done.stdout) == (1, ""), done
    assert done.stderr.startswith("entrepot: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removeprefix("entrepot: ").strip()
