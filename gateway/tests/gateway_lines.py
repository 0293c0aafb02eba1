"""Keeps what the gateway logs of requests."""

import io
import json

from gateway.access_lines import AccessLines


class Lines(AccessLines):
    """What was logged of requests, each line as soon as it is due."""

    def __init__(self) -> None:
        self.written = io.StringIO()
        super().__init__(secret_below=("/s/",), to=self.written)

    def all(self) -> list[dict[str, object]]:
        self.flush()
        return [json.loads(line) for line in self.written.getvalue().splitlines()]
