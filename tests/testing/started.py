"""`started.py PREPARED ENTREPOT serve ... --data-dir DIRECTORY`: ENTREPOT with these arguments, where DIRECTORY is not empty but a copy of
PREPARED, which saves the making of the demo marketplace.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

NOWHERE = "http://127.0.0.1:9"
"""Until the server says where it is, and not where the other one was."""

prepared, entrepot, *arguments = sys.argv[1:]
data = Path(arguments[arguments.index("--data-dir") + 1])
subprocess.run(["cp", "-a", prepared, data], check=True)
told = data / "demo.json"
told.write_text(json.dumps({**json.loads(told.read_text()), "baseUrl": NOWHERE}))
os.execv(entrepot, [entrepot, *arguments])
