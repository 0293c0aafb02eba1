"""A service as the process that it is: how it starts and how it ends."""

import asyncio
import signal
import socket
import sys
import time
from asyncio.subprocess import Process

import httpx2

_SERVER = """
import asyncio, gc
from fastapi import FastAPI, Request
from strongroom.web.server import serve
from strongroom.web.settings import ServiceSettings
from strongroom.web.waiting import while_wanted

app = FastAPI()
waiting = []

@app.get("/")
async def wait(request: Request) -> str:
    waiting.append(request)
    return await while_wanted(request, asyncio.sleep(30)) or "over"

@app.get("/waiting")
async def count() -> int:
    return len(waiting)

@app.get("/objects")
async def objects() -> dict[str, int]:
    return {"for good": gc.get_freeze_count(), "looked through": len(gc.get_objects())}

serve(app, ServiceSettings(public_url="http://test", listen="fd:FD"))
"""


async def _served() -> tuple[Process, str]:
    """The process, and where it answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        program = _SERVER.replace("FD", str(listening.fileno()))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, pass_fds=[listening.fileno()], stdout=asyncio.subprocess.DEVNULL
        )
        return process, "http://{}:{}".format(*listening.getsockname())


async def test_sigterm_is_not_held_up_by_who_waits(http: httpx2.AsyncClient) -> None:
    process, origin = await _served()
    answer = asyncio.create_task(http.get(origin))
    while (await http.get(f"{origin}/waiting")).json() == 0:
        pass
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert (await answer).json() == "over"
    assert await process.wait() == -signal.SIGTERM
    assert time.monotonic() - started < 8  # open requests are given ten


async def test_the_collector_does_not_look_through_the_program_again(http: httpx2.AsyncClient) -> None:
    process, origin = await _served()
    objects = (await http.get(f"{origin}/objects")).json()
    process.send_signal(signal.SIGTERM)
    await process.wait()
    assert objects["looked through"] < objects["for good"] / 10
