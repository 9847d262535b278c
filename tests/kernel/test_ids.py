"""Generated IDs (ID-2)."""

from __future__ import annotations

import re

from entrepot.kernel.ids import is_id, new_id


def test_a_generated_id_can_stand_in_a_command_line() -> None:
    """Tools F7: one that begins with a hyphen would be taken for an option."""
    made = {new_id() for _ in range(5_000)}
    assert len(made) == 5_000
    assert all(is_id(each) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{21}", each) for each in made)
