"""Conditional downloads: in which order conditions count, and what each comes to."""

from datetime import UTC, datetime, timedelta

import pytest
from file_client import FileClient
from hypothesis import example, given
from hypothesis import strategies as st

from file_service.conditions import ReadConditions, Validators, entity_tags
from file_service.http_dates import http_date, parse_http_date, to_the_second

ETAG = '"abc"'
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
BEFORE, AT, AFTER = (http_date(NOW + timedelta(seconds=seconds)) for seconds in (-1, 0, 1))
CURRENT = Validators(ETAG, NOW, date_is_strong=True)


def verdict(**sent: str) -> str:
    headers = {name.replace("_", "-"): value for name, value in sent.items()}
    return ReadConditions.of(headers).judge(CURRENT).name


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, "MET"),
        ({"if_match": ETAG}, "MET"),
        ({"if_match": "*"}, "MET"),
        ({"if_match": f'"other", {ETAG}'}, "MET"),
        ({"if_match": '"other"'}, "FAILED"),
        ({"if_match": f"W/{ETAG}"}, "FAILED"),
        ({"if_match": "abc"}, "FAILED"),
        ({"if_match": ""}, "FAILED"),
        ({"if_match": f"w/{ETAG}"}, "FAILED"),
        ({"if_unmodified_since": AT}, "MET"),
        ({"if_unmodified_since": AFTER}, "MET"),
        ({"if_unmodified_since": BEFORE}, "FAILED"),
        ({"if_unmodified_since": "yesterday"}, "MET"),
        ({"if_none_match": ETAG}, "NOT_MODIFIED"),
        ({"if_none_match": f"W/{ETAG}"}, "NOT_MODIFIED"),
        ({"if_none_match": "*"}, "NOT_MODIFIED"),
        ({"if_none_match": f'"other",W/"x" , {ETAG}'}, "NOT_MODIFIED"),
        ({"if_none_match": '"other"'}, "MET"),
        ({"if_none_match": "abc"}, "MET"),
        ({"if_modified_since": AT}, "NOT_MODIFIED"),
        ({"if_modified_since": AFTER}, "NOT_MODIFIED"),
        ({"if_modified_since": BEFORE}, "MET"),
        ({"if_modified_since": f"{AT}, {AT}"}, "MET"),
        ({"if_modified_since": "2026-03-01T12:00:00Z"}, "MET"),
    ],
)
def test_one_condition_alone(sent: dict[str, str], expected: str) -> None:
    assert verdict(**sent) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        # A date beside a list of tags does not count, either way.
        ({"if_match": ETAG, "if_unmodified_since": BEFORE}, "MET"),
        ({"if_match": '"other"', "if_unmodified_since": AFTER}, "FAILED"),
        ({"if_none_match": '"other"', "if_modified_since": AFTER}, "MET"),
        ({"if_none_match": ETAG, "if_modified_since": BEFORE}, "NOT_MODIFIED"),
        # What would fail goes before what would be unmodified.
        ({"if_match": '"other"', "if_none_match": ETAG}, "FAILED"),
        ({"if_unmodified_since": BEFORE, "if_none_match": ETAG}, "FAILED"),
        ({"if_unmodified_since": BEFORE, "if_modified_since": AFTER}, "FAILED"),
        ({"if_match": ETAG, "if_none_match": ETAG}, "NOT_MODIFIED"),
        ({"if_match": ETAG, "if_none_match": '"other"'}, "MET"),
    ],
)
def test_several_count_in_the_order_of_the_standard(sent: dict[str, str], expected: str) -> None:
    assert verdict(**sent) == expected


@pytest.mark.parametrize(
    ("if_range", "strong_date", "wanted"),
    [
        (ETAG, False, True),
        (f" {ETAG} ", False, True),
        ('"other"', False, False),
        (f"W/{ETAG}", False, False),
        (f'{ETAG}, "other"', False, False),
        (AT, True, True),
        (AT, False, False),  # another version had the same date
        (BEFORE, True, False),
        (AFTER, True, False),  # exactly, not since
        ("nonsense", True, False),
        ("", True, False),
        ("*", True, False),
    ],
)
def test_a_range_counts_only_of_what_the_client_has(if_range: str, strong_date: bool, wanted: bool) -> None:
    current = Validators(ETAG, NOW, date_is_strong=strong_date)
    assert ReadConditions.of({"if-range": if_range}).want_range(current) == wanted


def test_without_if_range_every_range_counts() -> None:
    assert ReadConditions.of({}).want_range(CURRENT)


@example(",*")
@example('"abd", *')
@given(st.text(alphabet=[*'Ww/",* \tabc', "\u00ff"], max_size=30))
def test_no_list_of_tags_however_malformed_matches_by_chance(header: str) -> None:
    tags = entity_tags(header)
    assert tags is not None
    if tags.match_strongly(ETAG):
        assert ETAG in header or "*" in [element.strip(" \t") for element in header.split(",")]
    if tags.match_strongly(ETAG):
        assert tags.match_weakly(ETAG)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001
def test_a_date_is_read_as_it_was_written(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    assert parse_http_date(http_date(moment)) == to_the_second(moment)


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_the_old_forms_of_dates_are_understood(text: str) -> None:
    assert parse_http_date(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "Sun, 06 Nov 1994 08:49:37 +0100",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994",
        "06 Nov 1994 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 19940 08:49:37 GMT",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_http_date(text) is None


async def test_what_the_client_has_is_not_sent_again(ada: FileClient) -> None:
    file_id = (await ada.upload(b"hello")).json()["id"]
    first = await ada.download(file_id)
    for condition in (
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": f"W/{first.headers['etag']}"},
        {"If-Modified-Since": first.headers["last-modified"]},
        {"If-None-Match": first.headers["etag"], "Range": "bytes=0-1"},
    ):
        for method in ("GET", "HEAD"):
            answer = await ada.download(file_id, method, condition)
            assert (answer.status_code, answer.content) == (304, b"")
            for name in ("etag", "last-modified", "cache-control", "content-disposition"):
                assert answer.headers[name] == first.headers[name]
            assert not {"content-length", "content-type", "content-range"} & set(answer.headers)


async def test_a_list_of_tags_may_come_in_several_lines(ada: FileClient) -> None:
    file_id = (await ada.upload(b"hello")).json()["id"]
    etag = (await ada.download(file_id)).headers["etag"]
    lines = [*ada.headers.items(), ("If-None-Match", '"other"'), ("If-None-Match", etag)]
    assert (await ada.http.get(f"{ada.origin}/files/{file_id}/download", headers=lines)).status_code == 304


async def test_what_is_expected_and_is_not_there_is_a_412(ada: FileClient) -> None:
    file_id = (await ada.upload(b"one")).json()["id"]
    before = (await ada.download(file_id)).headers
    await ada.upload(b"two")
    for condition in ({"If-Match": before["etag"]}, {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}):
        for method in ("GET", "HEAD"):
            answer = await ada.download(file_id, method, condition)
            assert (answer.status_code, answer.headers["content-type"]) == (412, "application/problem+json")
    kept = await ada.download(file_id, headers={"If-Match": before["etag"]}, version=1)
    assert (kept.status_code, kept.content) == (200, b"one")


async def test_a_part_of_what_has_changed_is_the_whole_new_file(ada: FileClient) -> None:
    file_id = (await ada.upload(b"first bytes")).json()["id"]
    headers = (await ada.download(file_id)).headers
    for validator in (headers["etag"], headers["last-modified"]):
        part = await ada.download(file_id, headers={"Range": "bytes=6-", "If-Range": validator})
        assert (part.status_code, part.content) == (206, b"bytes")
    await ada.upload(b"second bytes")  # within the same second, most likely: the date alone must not be believed
    for validator in (headers["etag"], headers["last-modified"]):
        whole = await ada.download(file_id, headers={"Range": "bytes=6-", "If-Range": validator})
        assert (whole.status_code, whole.content) == (200, b"second bytes")
    outside = await ada.download(file_id, headers={"Range": "bytes=99-", "If-Range": headers["etag"]})
    assert (outside.status_code, outside.content) == (200, b"second bytes")


async def test_the_same_bytes_again_have_the_same_tag(ada: FileClient) -> None:
    file_id = (await ada.upload(b"same")).json()["id"]
    etag = (await ada.download(file_id)).headers["etag"]
    await ada.upload(b"other")
    await ada.upload(b"same")
    assert (await ada.download(file_id, headers={"If-None-Match": etag})).status_code == 304
