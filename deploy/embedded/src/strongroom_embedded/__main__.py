"""`python -m strongroom_embedded`: runs the stack in the foreground.

Exit codes: 0 after Ctrl-C or SIGTERM, 1 when something failed, 2 for settings that cannot work.
"""

import os
import sys
from contextlib import suppress

from strongroom_embedded.stop_request import StopRequest, StopRequested


def main() -> int:
    stop = StopRequest()
    stop.listen()
    try:
        return _run(stop)
    finally:
        stop.end()


def _run(stop: StopRequest) -> int:
    # Imported only now: a signal during the imports ends the launcher as quietly as any later one.
    from strongroom_embedded.errors import LauncherError
    from strongroom_embedded.settings import Settings
    from strongroom_embedded.stack import Stack

    try:
        Stack(Settings.from_environment(os.environ), stop.pause, _say).run()
    except StopRequested:
        _say("Stopped")
    except LauncherError as error:
        print(error, file=sys.stderr, flush=True)
        return error.exit_code
    return 0


def _say(line: str) -> None:
    # A reader who has gone (`make up | head`) is no reason to leave the servers half stopped.
    with suppress(BrokenPipeError):
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
