"""domain/messages: each type is declared once, and addresses name it."""

import pytest

from entrepot.domain.messages.addresses import address
from entrepot.domain.messages.declared import ALL, DECLARED
from entrepot.domain.messages.types import MessageType


def test_ms_3_every_type_is_declared_once() -> None:
    """All 23, in one table."""
    assert len(ALL) == len(DECLARED) == 23
    assert set(DECLARED) == set(MessageType)


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("https://x.test/{messagetype}", "https://x.test/ordersubmitted"),
        (
            "https://x.test/a?t={MessageType}&u={messagetype}",
            "https://x.test/a?t=ordersubmitted&u=ordersubmitted",
        ),
        ("https://x.test/{other}", "https://x.test/{other}"),
    ],
)
def test_ms_2_the_address_of_a_type(template: str, found: str) -> None:
    """The lower-case type stands for the placeholder."""
    assert address(template, MessageType.ORDER_SUBMITTED) == found
