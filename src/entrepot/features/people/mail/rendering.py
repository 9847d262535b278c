"""Where what a message says is looked for: subject, text and HTML, from templates and an event body."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from entrepot.features.people.mail.letters import Letter, Rendered


@dataclass(frozen=True, slots=True)
class Renderer:
    """folder: of templates that go before our own. link_hosts: where links may lead that a caller has chosen; None: anywhere."""

    folder: Path | None = None
    link_hosts: frozenset[str] | None = frozenset()

    def render(self, letter: Letter) -> Rendered:
        """Reads files and takes some milliseconds: for a thread. Raises RenderingError."""
        # Jinja takes 3 MiB of a process, of which one that renders nothing has no need.
        from entrepot.features.people.mail.writing import written

        return written(letter, self.folder, self.link_hosts)


def link_hosts(text: str) -> frozenset[str]:
    """Of hosts with commas, in lower case."""
    return frozenset(host.strip().lower() for host in text.split(",") if host.strip())
