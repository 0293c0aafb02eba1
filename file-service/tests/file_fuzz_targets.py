"""The file service's readers of all but headers: forms, cursors, conditions on rows, paths, addresses, testimonies."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

from file_fuzz_headers import ID
from fuzzing import JSON, Target, damaged, header, like, run, text
from hypothesis import strategies as st

from file_service.addresses.grants import Seal
from file_service.events.errors import NoSuchFilter
from file_service.events.wanted import Wanted
from file_service.files.cursors import _READERS, position_at
from file_service.files.errors import InvalidPath
from file_service.files.names import words
from file_service.files.paths import parse_folder, parse_path, path_as_sent, sibling
from file_service.folders.cursors import name_at
from file_service.links.tokens import digest
from file_service.rows.columns import Column
from file_service.rows.errors import InvalidColumns, InvalidOrder, InvalidWhere
from file_service.rows.selection import Selection
from file_service.sandbox.errors import Unreadable
from file_service.sandbox.testimony import Testimony
from file_service.uploads.errors import FormTooLarge, MalformedForm, NotAForm
from file_service.uploads.form import MultipartForm
from file_service.webhooks.errors import UrlRefused
from file_service.webhooks.targets import parse as parse_target
from strongroom.web.pages import InvalidCursor, encode_cursor

FORM = (
    b'--XX\r\nContent-Disposition: form-data; name="path"\r\n\r\na/b\r\n'
    b'--XX\r\nContent-Disposition: form-data; name="file"; filename="f.txt"; filename*=UTF-8\'\'f\r\n'
    b"Content-Type: text/plain\r\n\r\nhello\r\n--XX--\r\n"
)
COLUMNS = [Column("id", "integer"), Column('odd "one", and', "string"), Column("at", "datetime"), Column("n", "number")]

SORTS = st.sampled_from([*_READERS, *(f"-{name}" for name in _READERS)])
VALUES = (
    ID,
    "2026-01-02T03:04:05+00:00",
    "9999-12-31T23:59:59-12:00",
    "1e400",
    "nan",
    "-1",
    str(2**63),
    "a\0b",
    "9" * 5000,
)
TESTIMONIES = {
    "object": (Testimony.object, {"name": "rows.parquet", "content_type": "text/plain; charset=utf-8"}),
    "passage": (Testimony.passage, {"page": 1, "text": "a\0b"}),
    "facts": (Testimony.facts, {"kind": "table", "columns": [{"name": "a"}], "size": 1.5}),
    "refusal": (Testimony.refusal, {"reason": "broken", "detail": "It is", "error": "E", "where": ["a:1"]}),
}


def _form(sent: tuple[str, bytes, int]) -> None:
    kind, body, size = sent

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    async def walk() -> None:
        form = MultipartForm(kind, pieces())
        while (part := await form.next_part()) is not None:
            if part.filename is None:
                await form.text()

    run(walk())


def _cursor(sent: tuple[str, str]) -> None:
    position_at(sent[1], sent[0])


def _selection(sent: dict[str, str]) -> None:
    asked = Selection.of(COLUMNS, **cast("Any", sent))
    json.dumps(asked.options(format="json", formula_safe=True))


def _searched(sent: str) -> None:
    """What PostgreSQL is given is words, and never its language of queries."""
    for word in words(sent):
        assert not set(word) & set("&|!()<>:*'\"\\ \t\r\n\0"), word


def _told(hear: Callable[[Testimony, bytes], object]) -> Callable[[bytes], object]:
    return lambda payload: hear(Testimony(), payload)


def _cursors(sort: str) -> st.SearchStrategy[str]:
    keys = st.tuples(st.just(sort) | text(sort), st.sampled_from(VALUES) | st.text(), st.just(ID) | text(ID))
    return keys.map(lambda found: encode_cursor(*found)) | JSON.map(json.dumps) | text(encode_cursor(sort, "a", ID))


TARGETS = [
    Target(
        "cursor of folders",
        name_at,
        text("a", "a/b", "..").map(lambda name: encode_cursor("folders", name)) | text(encode_cursor("folders", "a")),
        (InvalidCursor,),
    ),
    Target("address of a download", Seal(b"key").open, text("W10", "A" * 60)),
    Target(
        "form",
        _form,
        st.tuples(
            st.just("multipart/form-data; boundary=XX") | header('multipart/form-data; boundary="X X"; charset=x'),
            damaged(FORM, signs=[b"\r\n", b"--XX", b'"', b"\\", b";", b"\r"]),
            st.sampled_from([1, 7, 1000]),
        ),
        (MalformedForm, FormTooLarge, NotAForm),
    ),
    Target(
        "path",
        lambda sent: (parse_path(sent), parse_folder(sent), sibling("a/b", sent)),
        text("a/../b", "a//b", "x" * 300),
        (InvalidPath,),
    ),
    Target(
        "path in an address",
        lambda sent: path_as_sent(b"/files/raw/" + sent, behind=2),
        damaged(b"a%2fb/%ff/%"),
        (InvalidPath,),
    ),
    Target(
        "place in a list",
        _cursor,
        SORTS.flatmap(lambda sort: st.tuples(st.just(sort), _cursors(sort))),
        (InvalidCursor,),
    ),
    Target(
        "selection of rows",
        _selection,
        st.fixed_dictionaries(
            {},
            optional={
                "columns": text('id,"odd ""one"", and"', "n, at"),
                "order_by": text('-id,"odd ""one"", and"', "-n"),
                "condition": text("id in (1, 2) and not n is null", "at >= '2026-01-02T03:04:05Z' or n < 1e3"),
            },
        ),
        (InvalidColumns, InvalidOrder, InvalidWhere),
    ),
    Target("words that are searched for", _searched, text("a & b | !c:* 'd' <-> e", "größe_1-2", signs="&|!()<>:*'\\")),
    Target("types of events", lambda sent: Wanted([sent], sent), text("file.created", "file.*"), (NoSuchFilter,)),
    Target("token of a link", digest, text("sBL1E2qkgBMHwKgv3XbEBo80Dq_bet7cfWTx5zKapKk")),
    Target(
        "address of a webhook",
        parse_target,
        text("https://hooks.example.com:443/x?y", "http://[::1]/", "https://a@b/#c", "https://münchen.example"),
        (UrlRefused,),
    ),
    *(
        Target(
            f"testimony: {name}",
            _told(hear),
            like(said).map(lambda one: json.dumps(one).encode()) | damaged(json.dumps(said).encode()) | st.binary(),
            (Unreadable,),
        )
        for name, (hear, said) in TESTIMONIES.items()
    ),
]
