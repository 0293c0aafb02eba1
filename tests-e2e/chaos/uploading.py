"""Puts files there: raw, by a form, resumably, and as the next version of one."""

import random
import time
from base64 import b64encode
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from chaos.asking import Asker
from chaos.content import Content, any_content
from chaos.ledger import Entry, Ledger, State

_TUS = {"Tus-Resumable": "1.0.0"}
_STREAM = {**_TUS, "Content-Type": "application/offset+octet-stream"}
_ATTEMPTS = 12
_PAUSE = 0.3  # seconds, before a client tries again
# The request that was cut off may still be at it, or may have got further than was told.
_NOT_YET = (409, 423)


class Uploading:
    def __init__(self, asker: Asker, ledger: Ledger, chance: random.Random) -> None:
        self._asker = asker
        self._ledger = ledger
        self._chance = chance
        self._made = 0

    def new_path(self) -> str:
        self._made += 1
        return f"{self._asker.who}/{self._chance.choice('abc')}/{self._made}"

    def raw(self) -> None:
        # 200 if it was carried out before: what is idempotent, the gateway may send again.
        self._put("put", self._ledger.new(), self._new_state(), good=(200, 201))

    def version(self) -> None:
        if present := self._ledger.present():
            entry = self._chance.choice(present)
            assert entry.state is not None
            self._put("put again", entry, replace(entry.state, content=any_content(self._chance)), good=(200,))

    def form(self) -> None:
        state = self._new_state()
        files = {"file": ("form", state.content.bytes())}
        more = {"files": files, "data": {"path": state.path}}
        self._send(state, self._ledger.new(), "post", "POST", "/files/upload", good=(201,), **more)

    def _put(self, deed: str, entry: Entry, state: State, *, good: Collection[int]) -> None:
        self._send(state, entry, deed, "PUT", f"/files/raw/{state.path}", good=good, content=state.content.bytes())

    def _send(self, state: State, entry: Entry, *request: str, **more: Any) -> None:
        with self._ledger.changing(entry, state) as promise:
            answer = self._asker.ask(*request, **more)
            if answer is None:
                return
            if not state.is_shown_by(answer.json()):
                self._asker.accuse(f"sent {state}, told {answer.json()}")
            promise.given(answer.json()["id"])

    def _new_state(self) -> State:
        return State(self.new_path(), any_content(self._chance))

    def resumable(self) -> None:
        """Goes on from where it was, as often as it takes within reason."""
        state = self._new_state()
        about = f"path {b64encode(state.path.encode()).decode()}"
        headers = {**_TUS, "Upload-Length": str(state.content.size), "Upload-Metadata": about}
        created = self._asker.ask("tus create", "POST", "/files/uploads", good=(201,), headers=headers)
        if created is None:
            return
        with self._ledger.changing(self._ledger.new(), state) as promise:
            file_id = self._sent(created.headers["Location"], state.content)
            if file_id is not None:
                promise.given(file_id)

    def _sent(self, address: str, content: Content) -> str | None:
        """The id of the file that it has become."""
        body = content.bytes()
        offset: int | None = 0
        for _ in range(_ATTEMPTS):
            if offset is None:
                time.sleep(_PAUSE)
                offset, file_id = self._progress(address)
                if file_id is not None:
                    return file_id
            if offset is None:
                continue
            end = offset + len(body) // 3 + 1
            headers = {**_STREAM, "Upload-Offset": str(offset)}
            answer = self._asker.ask(
                "tus patch", "PATCH", address, good=(204, *_NOT_YET), headers=headers, content=body[offset:end]
            )
            if answer is None or answer.status_code in _NOT_YET:
                offset = None
            elif "Strongroom-File" in answer.headers:
                return str(answer.headers["Strongroom-File"])
            else:
                offset = int(answer.headers["Upload-Offset"])
        return None

    def _progress(self, address: str) -> tuple[int | None, str | None]:
        answer = self._asker.ask("tus head", "HEAD", address, good=(200, *_NOT_YET), headers=_TUS)
        if answer is None or "Upload-Offset" not in answer.headers:
            return None, None
        return int(answer.headers["Upload-Offset"]), answer.headers.get("Strongroom-File")
