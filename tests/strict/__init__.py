"""Every answer that any test gets, compared with the OpenAPI document."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""Where CHECKED_SERVER starts."""

CHECKED = "tests.strict.server"
"""The `entrepot` command as a module, with every answer checked."""
CHECKED_SERVER = (sys.executable, "-m", CHECKED)
