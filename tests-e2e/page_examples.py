"""The examples of a page of Markdown: its fenced blocks, and what the comments before them say of how they are tried.

A block of `bash` or `python` is run, and prints what the block right behind it shows. One whose first line is a comment
with a file's name (`# reports.py`) is kept as that file instead. Before a block may stand

    <!-- runs on -->             it is a program that goes on, while the blocks after it are run
    <!-- not run: <reason> -->   and why

and anywhere `<!-- try: <bash> -->`, which is run and not shown.
"""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

_COMMENT = re.compile(r"<!--\s*(try|not run|runs on)(?::\s*(.*?))?\s*-->", re.DOTALL)
_NAMED = re.compile(r"(?:#|//) ([\w.-]+\.\w+|Caddyfile)\n")
_SHOWN = {"json", "csv", "text"}

# Values that differ from run to run, by the names they stand under; all others must be equal.
_VARYING = {
    *("id", "file_id", "url", "created_at", "updated_at", "expires_at", "time", "subject", "client_id", "redirect_uri"),
    *("access_token", "refresh_token", "id_token", "next_cursor", "secret", "client_secret"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page says that an example prints."""

    language: str
    text: str

    def is_answered_by(self, answer: str) -> bool:
        if self.language == "json":
            return alike(json.loads(answer), json.loads(self.text))
        if self.language == "csv":
            return alike(_rows(answer), _rows(self.text))
        return answer.strip() == self.text.strip()


@dataclass(frozen=True, slots=True)
class Example:
    line: int
    language: str
    text: str
    not_run: str | None = None
    runs_on: bool = False
    shown: Shown | None = None

    @property
    def file(self) -> str | None:
        """The name that it is kept under, if it is a file."""
        named = _NAMED.match(self.text)
        return named[1] if named else None

    @property
    def is_run(self) -> bool:
        return self.not_run is None and (self.file is not None or self.language in {"bash", "python"})


def examples(page: str) -> list[Example]:
    """In their order; what is shown behind an example belongs to it."""
    found: list[Example] = []
    before: Token | None = None
    for token in MarkdownIt().parse(page):
        if token.type == "html_block":
            found += _hidden(token)
        elif token.type == "fence":
            example = _example(token, _said(before))
            if _is_shown_by(found, example, before):
                last = found.pop()
                found.append(
                    Example(last.line, last.language, last.text, None, last.runs_on, Shown(token.info, token.content))
                )
            else:
                found.append(example)
        before = token
    return found


def _is_shown_by(found: Sequence[Example], example: Example, before: Token | None) -> bool:
    last = found[-1] if found else None
    return bool(
        before is not None
        and before.type == "fence"
        and last is not None
        and last.is_run
        and last.file is None
        and last.shown is None
        and example.language in _SHOWN
    )


def _hidden(token: Token) -> Iterator[Example]:
    for kind, text in _COMMENT.findall(token.content):
        if kind == "try":
            yield Example(_line(token), "bash", f"{text}\n")


def _said(before: Token | None) -> dict[str, str]:
    found = _COMMENT.findall(before.content) if before is not None and before.type == "html_block" else []
    return dict(found)


def _example(token: Token, said: dict[str, str]) -> Example:
    return Example(_line(token), token.info, token.content, said.get("not run"), "runs on" in said)


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def alike(answer: Any, shown: Any, name: str = "") -> bool:
    if isinstance(shown, dict):
        return (
            isinstance(answer, dict)
            and answer.keys() == shown.keys()
            and all(alike(answer[key], shown[key], key) for key in shown)
        )
    if isinstance(shown, list):
        return isinstance(answer, list) and len(answer) == len(shown) and all(map(alike, answer, shown))
    return isinstance(answer, type(shown)) if name in _VARYING else bool(answer == shown)


def _rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(table.splitlines()))
