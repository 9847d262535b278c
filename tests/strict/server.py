"""The `entrepot` command, but for answers that the document does not know: of these the server makes a 500.

python -m tests.strict.server serve ...
"""

from __future__ import annotations

from typing import Any

from tests.strict.answers import answers
from tests.strict.application import Checked

from entrepot.app import asgi

_create = asgi.create_app


def checked(*arguments: Any, **options: Any) -> Checked:
    """`create_app`, checked."""
    return Checked(_create(*arguments, **options), answers())


# Here, and not under the condition below: the processes of several workers import this module too.
asgi.create_app = checked  # type: ignore[assignment]

if __name__ == "__main__":
    from entrepot.app.cli import app

    app()
