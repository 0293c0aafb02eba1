"""A thousand hostile names: each is kept as it is, or refused; none leaves its owner's tree or breaks a header."""

import asyncio
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, unquote

from file_client import FileClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from file_service.downloads.content_disposition import attachment
from file_service.files.errors import InvalidPath
from file_service.files.paths import behind_prefix, parse_path

_SEGMENTS = st.one_of(
    st.sampled_from(
        ["..", ".", "", "~", "C:", "CON", "a\\b", "%2e%2e", "..;", "…", "a\u202etxt.exe", '"', "'", ";", "\r\nX: y"]
    ),
    st.text(max_size=40),
    st.text(alphabet="ab/\\. \t\r\n\0\"'%;=\u0301é", max_size=20),
    st.text(alphabet="é😀\ud800", min_size=1, max_size=300),
)
NAMES = st.lists(_SEGMENTS, min_size=1, max_size=6).map("/".join)


@given(NAMES)
@settings(max_examples=1000)
def test_a_path_is_kept_in_one_form_or_refused(text: str) -> None:
    try:
        path = parse_path(text)
    except InvalidPath:
        return
    assert path == unicodedata.normalize("NFC", text)
    assert parse_path(path) == path
    segments = path.split("/")
    assert all(segment not in {"", ".", ".."} and len(segment.encode()) <= 255 for segment in segments)
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in path)
    assert len(path.encode()) <= 1024


@given(st.text(min_size=1), st.text())
def test_what_has_a_prefix_is_before_what_is_behind_it(prefix: str, rest: str) -> None:
    behind = behind_prefix(prefix)
    assert not behind or prefix + rest < behind
    assert not behind.startswith(prefix)


@given(NAMES)
@settings(max_examples=1000)
def test_a_name_in_a_header_is_one_header_and_says_the_name(text: str) -> None:
    try:
        name = parse_path(text).rpartition("/")[2]
    except InvalidPath:
        return
    header = attachment(name)
    assert header.isascii()
    assert header.isprintable()
    if "filename*=" in header:
        assert unquote(header.rpartition("''")[2]) == name
    else:
        assert header == f'attachment; filename="{name}"'


async def test_hostile_names_round_trip_or_are_refused(client_of: Callable[..., FileClient]) -> None:
    ada, bob = client_of(), client_of()
    await bob.put("his", b"x")
    names: list[str] = []

    @given(NAMES)
    @settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow], database=None)
    def collect(name: str) -> None:
        names.append(name)

    collect()
    places = asyncio.Semaphore(16)
    kept: dict[str, str] = {}

    async def put(name: str) -> None:
        async with places:  # the dots encoded, or the client would take `..` out by itself
            answer = await ada.put(quote(name, errors="surrogatepass", safe="").replace(".", "%2E"), b"x")
        try:
            path = parse_path(name)
        except InvalidPath:
            assert (answer.status_code, answer.json()["status"]) == (422, 422), name
            return
        assert answer.status_code in {200, 201}, (name, answer.text)
        assert answer.json()["path"] == path
        kept[path] = answer.json()["id"]

    await asyncio.gather(*(put(name) for name in names))
    assert sorted(await ada.paths(sort="path", limit=1000)) == sorted(kept)
    for path, file in list(kept.items())[::20]:
        answer = await ada.get(f"/files/{file}/download")
        assert (answer.status_code, answer.content) == (200, b"x"), path
    assert await bob.paths() == ["his"]
