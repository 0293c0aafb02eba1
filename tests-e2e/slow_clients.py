"""Many clients that all move 1 KiB a second, in one small process: this module, run as a program."""

import argparse
import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

PACE = 1024  # bytes a second
_SMALLEST = 4096  # of a receiver's window, or the kernel would take in what the client does not
_UNDER_WAY = 8  # seconds of it: at first everything in between fills its buffers


@dataclass
class Slow:
    """The clients. After the `with`: what each has moved, in bytes, and how many had not got to the end."""

    moved: list[int] = field(default_factory=list)
    still_at_it: int = 0


@contextmanager
def slow_clients(url: str, requests: Sequence[str]) -> Iterator[Slow]:
    """One for each head of a request; inside, all of them are under way. With a body they send, without they read."""
    host, port = url.removeprefix("http://").split(":")
    process = subprocess.Popen(
        [sys.executable, __file__, host, port], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    slow = Slow()
    try:
        process.stdin.write(json.dumps(list(requests)) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "under way\n"
        yield slow
    finally:
        told, _ = process.communicate(timeout=30)
        slow.moved, slow.still_at_it = json.loads(told or "[[], 0]")


class _Client:
    def __init__(self, host: str, port: int, head: str) -> None:
        self.moved = 0
        self.is_under_way = asyncio.Event()
        self._at = (host, port)
        self._head = head.encode()
        self._sends = b"content-length" in self._head.lower()

    async def run(self) -> None:
        """Until it is cancelled, or the other side ends."""
        loop = asyncio.get_running_loop()
        with socket.socket() as one:
            one.setblocking(False)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALLEST)
            await loop.sock_connect(one, self._at)
            await loop.sock_sendall(one, self._head)
            due = loop.time()
            while await self._move(one):
                if self.moved >= _UNDER_WAY * PACE:
                    self.is_under_way.set()
                due += 1
                await asyncio.sleep(due - loop.time())
        raise EOFError("the other side has ended it")

    async def _move(self, one: socket.socket) -> bool:
        loop = asyncio.get_running_loop()
        if not self._sends:
            count = len(await loop.sock_recv(one, PACE))
        else:
            await loop.sock_sendall(one, bytes(PACE))
            count = PACE
            with contextlib.suppress(BlockingIOError):
                one.recv(PACE)  # an answer before the end is a refusal, and so is an end
                return False
        self.moved += count
        return count > 0


async def _all_under_way(clients: Sequence[_Client]) -> None:
    for client in clients:
        await client.is_under_way.wait()


async def _main(host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    heads = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    clients = [_Client(host, port, head) for head in heads]
    tasks = [asyncio.create_task(client.run()) for client in clients]
    waiting = asyncio.create_task(_all_under_way(clients))
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    if waiting.done():
        sys.stdout.write("under way\n")
        sys.stdout.flush()
        await loop.run_in_executor(None, sys.stdin.readline)
    left = [task for task in tasks if not task.done()]
    for task in (waiting, *left):
        task.cancel()
    await asyncio.gather(waiting, *tasks, return_exceptions=True)
    sys.stdout.write(json.dumps([[client.moved for client in clients], len(left)]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    given = parser.parse_args()
    asyncio.run(_main(given.host, given.port))
