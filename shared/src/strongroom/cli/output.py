"""What commands write: data on standard output and nothing else there; everything for people on standard error."""

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from strongroom.cli.printable import visible, visible_in_json


def harmless(line: str) -> str:
    """With the tabs that divide it."""
    return "\t".join(visible(cell) for cell in line.split("\t"))


def encode_all_names() -> None:
    """Pipes and files get UTF-8, whatever is usual on the system: JSON is nothing else (RFC 8259 §8.1), and has names
    from anywhere. A terminal gets what it can show, and escapes for the rest.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


@dataclass(frozen=True, slots=True)
class Output:
    """With `json` each document is on a line of its own: one, or one an item of a list or a stream (NDJSON)."""

    json: bool
    data: TextIO
    people: TextIO

    @classmethod
    def standard(cls, *, json: bool) -> "Output":
        return cls(json, sys.stdout, sys.stderr)

    @property
    def on_terminal(self) -> bool:
        """Whether somebody reads the data as it comes."""
        return not self.json and self.data.isatty()

    @property
    def watched(self) -> bool:
        """Whether somebody would see a bar."""
        return not self.json and self.people.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def coloured(self) -> bool:
        """https://no-color.org"""
        return self.on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def line(self, text: str) -> None:
        """A line of data. What is in it from elsewhere was made `visible`."""
        self.data.write(text + "\n")

    def document(self, value: object) -> None:
        self.data.write(visible_in_json(json.dumps(value, ensure_ascii=False, default=str)) + "\n")
        self.data.flush()

    def item(self, text: str, value: object) -> None:
        """One of several: a line, or a document. Whatever is in the line is harmless; tabs divide it."""
        if self.json:
            self.document(value)
        else:
            self.line(harmless(text))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """For people: as wide as its widest cells. Pipes get tabs."""
        cells = [[visible("" if one is None else str(one)) for one in row] for row in rows]
        if not self.on_terminal:
            for row in cells:
                self.line("\t".join(row))
            return
        head = [name.upper() for name in columns]
        widths = [max(len(row[at]) for row in [head, *cells]) for at in range(len(head))]
        for row in [head, *cells]:
            self.line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

    def note(self, text: str) -> None:
        """For people: with `json` nobody reads it."""
        if not self.json:
            self.people.write(visible(text) + "\n")

    def failure(self, text: str, members: Mapping[str, Any]) -> None:
        if self.json:
            self.people.write(visible_in_json(json.dumps(members, ensure_ascii=False, default=str)) + "\n")
        else:
            self.people.write(f"strongroom: {visible(text)}\n")
        self.people.flush()
