"""How soon after signing out a token is refused, by every replica of every service."""

import time

import httpx2
from app_client import PASSWORD, App
from bench.report import Figure, median
from second_file_service import origin_of, second_file_service
from stack import Stack

PROMISED = 2.0

_ROUNDS = 20
_PATIENCE = 10.0


def sign_out(stack: Stack) -> list[Figure]:
    with second_file_service(stack) as second, App(stack.url) as app, httpx2.Client(trust_env=False) as http:
        origins = [origin_of(stack, "file_service"), second, stack.url]
        app.sign_up()
        latest = []
        for _ in range(_ROUNDS):
            app.sign_in(app.email, PASSWORD)
            token = app.tokens["access_token"]
            assert app.http.delete("/auth/sessions").status_code == 204
            latest.append(max(seconds_until_refused(http, origins, token).values()))
    return [
        Figure("sign-out to refusal by gateway and two file services, median", median(latest) * 1000, "ms"),
        Figure("the same, longest of 20 sign-outs", max(latest), "s", PROMISED, floor=False),
    ]


def seconds_until_refused(http: httpx2.Client, origins: list[str], token: str) -> dict[str, float]:
    """From now on, by origin. An answer that is neither a listing nor a refusal fails."""
    started = time.monotonic()
    headers = {"Authorization": f"Bearer {token}"}
    refused: dict[str, float] = {}
    while len(refused) < len(origins):
        for origin in set(origins) - refused.keys():
            answer = http.get(f"{origin}/files", headers=headers)
            if answer.status_code == 401:
                assert answer.json()["type"] == "urn:problem-type:strongroom:revoked-token"
                refused[origin] = time.monotonic() - started
            else:
                assert answer.status_code == 200, answer.text
        assert time.monotonic() - started < _PATIENCE, f"only refused by {refused}"
    return refused
