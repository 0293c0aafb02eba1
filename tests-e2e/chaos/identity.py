"""Somebody's account and sessions: what was answered must hold, and who has signed out stays out."""

import time
from collections import deque
from typing import Any

from app_client import PASSWORD
from chaos.asking import Asker

_REMEMBERED = 20
_TOLD_WITHIN = 30.0  # seconds
_REFRESHED_AFTER = 240.0  # seconds; an access token is good for 15 minutes


class Identity:
    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._email = f"{asker.who}@example.com"
        self._tokens: dict[str, Any] | None = None
        self._since = 0.0
        self._is_in_doubt = False  # whether the refresh token was spent, and which one came after it
        self._ended: deque[str] = deque(maxlen=_REMEMBERED)

    def sign_up(self) -> None:
        """While nothing is broken yet."""
        person = {"email": self._email, "password": PASSWORD, "name": self._asker.who}
        assert self._asker.ask("sign up", "POST", "/auth/register", good=(201,), json=person)
        assert self.is_signed_in()

    def is_signed_in(self) -> bool:
        """Signs in if need be, and keeps the session young."""
        if self._tokens is None:
            self._sign_in()
        elif time.monotonic() - self._since > _REFRESHED_AFTER:
            self.refresh()
        return self._tokens is not None

    def _sign_in(self) -> None:
        form = {"grant_type": "password", "username": self._email, "password": PASSWORD}
        answer = self._asker.ask("sign in", "POST", "/auth/token", anonymous=True, data=form)
        if answer is not None:
            self._use(answer.json())

    def _use(self, tokens: dict[str, Any]) -> None:
        self._tokens, self._since, self._is_in_doubt = tokens, time.monotonic(), False
        self._asker.authorization = {"Authorization": f"Bearer {tokens['access_token']}"}

    def refresh(self) -> None:
        """A session whose last answer came lives on; after one that did not, the password is what helps."""
        if self._tokens is None or self._is_in_doubt:
            return self._sign_in()
        form = {"grant_type": "refresh_token", "refresh_token": self._tokens["refresh_token"]}
        self._is_in_doubt = True
        answer = self._asker.ask("refresh", "POST", "/auth/token", anonymous=True, data=form)
        if answer is not None:
            self._use(answer.json())
        return None

    def sign_out(self) -> None:
        if self._tokens is None or self._is_in_doubt:
            return
        tokens, self._tokens = self._tokens, None
        form = {"token": tokens["refresh_token"]}
        if self._asker.ask("sign out", "POST", "/auth/revoke", anonymous=True, data=form) is not None:
            self._ended.append(tokens["access_token"])

    def check_ended(self) -> None:
        """Nobody who has signed out is served, once what could not be told while something was broken is told."""
        until = time.monotonic() + _TOLD_WITHIN
        for token in self._ended:
            while self._is_served(token):
                assert time.monotonic() < until, "who has signed out is still served"

    def _is_served(self, token: str) -> bool:
        headers = {"Authorization": f"Bearer {token}"}
        answer = self._asker.ask("come back", "GET", "/files", good=(200, 401), anonymous=True, headers=headers)
        return answer is not None and answer.status_code == 200
