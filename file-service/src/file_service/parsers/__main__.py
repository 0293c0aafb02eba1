"""`python -m file_service.parsers`: confines itself, then does one task after another until its input ends."""

import argparse
import json
import os
import sys
import tempfile
import traceback

from file_service.parsers import frames
from file_service.parsers.background import Pace, give_way
from file_service.parsers.channel import Channel, RemoteOutput, RemoteSource
from file_service.parsers.confinement import confine
from file_service.parsers.contract import OUT_OF_MEMORY, Refused, Task
from file_service.parsers.registry import parser
from file_service.parsers.walls import shut_in

_MOST_INHERITED = 1024


def main() -> None:
    arguments = _arguments()
    confine(
        arguments.parent,
        memory=arguments.memory,
        processor_seconds=arguments.processor_seconds,
        file_bytes=arguments.file_bytes,
    )
    if arguments.background:
        give_way()
    shut_in(arguments.scratch)
    # What a library prints must not get among the frames.
    with os.fdopen(os.dup(1), "wb") as outgoing:
        os.dup2(2, 1)
        os.closerange(outgoing.fileno() + 1, _MOST_INHERITED)  # what was inherited is not ours
        channel = Channel(sys.stdin.buffer, outgoing, Pace().rest if arguments.background else _go_on)
        if arguments.ready_for:
            parser(arguments.ready_for)
        while True:
            _do(json.loads(channel.hear(frames.TASK)), channel)


def _go_on() -> None:
    pass


def _do(said: dict[str, object], channel: Channel) -> None:
    source = RemoteSource(channel, int(str(said.pop("size"))))
    parse = parser(str(said.pop("parser")))
    task = Task(**said)  # type: ignore[arg-type]
    tempfile.tempdir = task.scratch  # also for libraries
    try:
        facts = parse(source, task, RemoteOutput(channel))
    except Refused as refusal:
        channel.say_json(frames.REFUSED, {"reason": refusal.reason, "detail": refusal.detail})
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the file's doing, and this process ends with it
        where = [f"{one.name}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)[-5:]]
        told = {"reason": "crashed", "detail": "The file broke the program that reads it"}
        channel.say_json(frames.REFUSED, {**told, "error": type(error).__name__, "where": where})
        sys.exit(1)
    else:
        channel.say_json(frames.FACTS, facts)


def _arguments() -> argparse.Namespace:
    parsing = argparse.ArgumentParser(prog="file_service.parsers", description=__doc__)
    parsing.add_argument("--parent", type=int, required=True)
    parsing.add_argument("--memory", type=int, required=True)
    parsing.add_argument("--processor-seconds", type=int, default=0)
    parsing.add_argument("--file-bytes", type=int, default=0)
    parsing.add_argument("--scratch", help="the folder in which it may write")
    parsing.add_argument("--background", action="store_true")
    parsing.add_argument("--ready-for", help="a parser to import at once, for tasks that are in a hurry")
    return parsing.parse_args()


if __name__ == "__main__":
    main()
