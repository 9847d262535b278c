"""`started.py PREPARED ENTREPOT serve ... --data-dir DIRECTORY`: ENTREPOT with these arguments, where DIRECTORY is not empty but a copy of
PREPARED, which saves the making of a database.
"""

from __future__ import annotations

import os
import subprocess
import sys

prepared, entrepot, *arguments = sys.argv[1:]
subprocess.run(["cp", "-a", prepared, arguments[arguments.index("--data-dir") + 1]], check=True)
os.execv(entrepot, [entrepot, *arguments])
