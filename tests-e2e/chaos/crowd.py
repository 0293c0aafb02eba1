"""More requests at once than a service has connections to its database."""

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import httpx2
from app_client import App

_SIZE = 60
_PATIENCE = 60.0


class Crowd:
    """Each asks once for a list of files."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._asking: list[Future[int]] = []
        with App(url) as app:
            app.sign_up()
            self._headers = dict(app.http.headers)
        self._pool = ThreadPoolExecutor(_SIZE)

    def come(self) -> None:
        self._asking = [self._pool.submit(self._ask) for _ in range(_SIZE)]

    def wait_for_a_refusal(self) -> None:
        """While nobody is given a connection, some give up waiting for one."""
        refused, _ = wait(self._asking, _PATIENCE, FIRST_COMPLETED)
        assert {one.result() for one in refused} == {503}

    def go(self) -> None:
        """Once all have been answered: those that had a connection get what they wanted."""
        told = {one.result() for one in self._asking}
        self._pool.shutdown()
        assert told == {200, 503}, told

    def _ask(self) -> int:
        with httpx2.Client(base_url=self._url, headers=self._headers, timeout=_PATIENCE, trust_env=False) as http:
            return http.get("/files").status_code
