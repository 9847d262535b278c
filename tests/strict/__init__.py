"""Every answer that any test gets, compared with the OpenAPI document."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""Where CHECKED_SERVER starts."""

CHECKED_SERVER = (sys.executable, "-m", "tests.strict.server")
"""The `entrepot` command, with every answer checked."""
