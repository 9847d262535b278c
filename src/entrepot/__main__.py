"""`python -m entrepot` is the `entrepot` command."""

from entrepot.app.cli import app

app()
