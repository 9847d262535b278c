"""Log lines for people: what callers send is text, never a command to the terminal (security 27)."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import logging, structlog
from entrepot.app.logging import configure_logging
configure_logging("info", "console")
evil = "/v1/\\x1b]0;PWNED\\x07\\x9b31m\\r\\nforged\\x00"
structlog.get_logger("a").info("request", path=evil, name="caf\u00e9 \u65e5\u672c")
logging.getLogger("b").warning("said %s", evil)
try:
    raise RuntimeError(evil)
except RuntimeError:
    structlog.get_logger("c").exception("failed")
    logging.getLogger("d").exception("failed")
"""


def test_control_characters_are_escaped() -> None:
    """In values, in messages of libraries, and in tracebacks, which keep their lines."""
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    text = run.stderr.decode()
    assert [c for c in text if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160] == []
    assert text.count("\\x1b]0;PWNED\\x07\\x9b31m") == 4
    assert "caf\u00e9 \u65e5\u672c" in text
    assert not any(line.startswith("forged") for line in text.splitlines()[:2])
    assert text.count("Traceback (most recent call last)") == 2
