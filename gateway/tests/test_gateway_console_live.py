"""What a list is told of a connection for events that breaks. Run by node."""

from pathlib import Path

import pytest
from console_modules import NODE, run

pytestmark = pytest.mark.skipif(not NODE, reason="node is needed to run the modules, and was not found")

SOCKETS = """
globalThis.addEventListener ??= () => {};
let opened;
const next = () => new Promise((resolve) => { opened = resolve; });
globalThis.WebSocket = class {
  constructor(url) { this.search = url.search; opened(this); }
  close() {}
};
const { session } = await import("./assets/session.js");
answers.push(token("ann", "a", 900), person("ann"));
await session.resume();
const heard = [];
live.addEventListener("missed", () => heard.push("missed"));
live.addEventListener("event", ({ detail }) => heard.push(detail.id));
const first = next();
startLive();
const socket = await first;
socket.onopen();
"""


def test_what_happened_while_nobody_listened_is_asked_for_once_somebody_does(tmp_path: Path) -> None:
    script = f"""{SOCKETS}
    const second = next();
    socket.onclose({{ code: 1006 }});
    const again = await second;
    heard.length = 0;
    again.onopen();
    tell({{ after: again.search, heard }});
    """
    assert run(tmp_path, "live.js", "live, startLive", script) == {"after": "", "heard": ["missed"]}


def test_where_the_service_tells_what_was_missed_nothing_else_is_asked_for(tmp_path: Path) -> None:
    script = f"""{SOCKETS}
    socket.onmessage({{ data: '{{"id": "7", "type": "file.created"}}' }});
    const second = next();
    socket.onclose({{ code: 1006 }});
    const again = await second;
    again.onopen();
    tell({{ after: again.search, heard }});
    """
    assert run(tmp_path, "live.js", "live, startLive", script) == {"after": "?after=7", "heard": ["7"]}


def test_events_of_who_has_signed_out_are_heard_no_more(tmp_path: Path) -> None:
    script = f"""{SOCKETS}
    session.forget();
    socket.onmessage?.({{ data: '{{"id": "7", "type": "file.created"}}' }});
    tell(heard);
    """
    assert run(tmp_path, "live.js", "live, startLive", script) == []
