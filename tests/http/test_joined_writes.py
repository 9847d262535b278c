"""Head and body leave together; nothing is held for longer than a turn of the event loop."""

import asyncio
from collections.abc import Iterable

from entrepot.http.joined_writes import JoinedWrites


class Wire(asyncio.Transport):
    """What a peer would see: one entry for each system call."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.sent.append(b"".join(list_of_data))

    def close(self) -> None:
        self.sent.append(b"<closed>")

    def abort(self) -> None:
        self.sent.append(b"<aborted>")


async def test_writes_are_joined_in_order_and_never_kept_back() -> None:
    wire = Wire()
    transport = JoinedWrites(wire, asyncio.get_running_loop())
    transport.write(b"head 1, ")
    transport.write(b"body 1")
    transport.write(b"head 2 alone")
    assert wire.sent == [b"head 1, body 1"]
    await asyncio.sleep(0)
    assert wire.sent[1:] == [b"head 2 alone"]
    transport.write(b"head 3, ")
    transport.write(b"")
    transport.write(b"last")
    transport.close()
    await asyncio.sleep(0)
    assert wire.sent[2:] == [b"head 3, ", b"last", b"<closed>"]


async def test_an_abort_drops_what_is_held() -> None:
    wire = Wire()
    transport = JoinedWrites(wire, asyncio.get_running_loop())
    transport.write(b"never sent")
    transport.abort()
    await asyncio.sleep(0)
    assert wire.sent == [b"<aborted>"]
