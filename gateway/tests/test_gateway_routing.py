import pytest

from gateway.routing import Routes

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
