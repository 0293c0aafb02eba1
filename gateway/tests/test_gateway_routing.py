import pytest

from gateway.routing import Routes, raw_target
from strongroom.errors import BadRequest

ROUTES = Routes({"/auth": "auth", "/.well-known": "auth", "/files": "files", "/s": "files", "/files/events": "events"})


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/auth", "auth"),
        ("/auth/", "auth"),
        ("/auth/token", "auth"),
        ("/.well-known/jwks.json", "auth"),
        ("/files", "files"),
        ("/files/a/b", "files"),
        ("/s/abc", "files"),
        ("/files/events", "events"),
        ("/files/eventsource", "files"),
        ("/authors", None),
        ("/static", None),
        ("/", None),
        ("", None),
        ("//auth", None),
        ("/AUTH", None),
        ("/x/auth", None),
    ],
)
def test_a_path_belongs_to_the_longest_prefix_of_whole_segments(path: str, owner: str | None) -> None:
    assert ROUTES.owner(path) == owner


def test_the_raw_target_is_what_the_client_wrote() -> None:
    scope = {"path": "/files/a/b", "raw_path": b"/files/a%2Fb", "query_string": b"q=%20+&&x"}
    assert raw_target(scope) == b"/files/a%2Fb?q=%20+&&x"


def test_a_target_that_could_name_another_host_is_refused() -> None:
    with pytest.raises(BadRequest):
        raw_target({"path": "/files", "raw_path": b"@evil.example/files", "query_string": b""})
