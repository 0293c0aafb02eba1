"""What an account was promised: each of its files as it must be, or, where no answer came, as it may be."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chaos.content import Content


@dataclass(frozen=True, slots=True)
class State:
    """Of a file that is there. One that is not is None."""

    path: str
    content: Content
    is_trashed: bool = False

    def is_shown_by(self, item: Mapping[str, Any]) -> bool:
        return (item["path"], item["size"], item["sha256"]) == (self.path, self.content.size, self.content.sha256)


Outcome = State | None


@dataclass(eq=False)
class Entry:
    """One file. What has no answer can still be carried out later, so such a file is left as it is from then on."""

    id: str | None
    may_be: set[Outcome]
    versions: list[Content] = field(default_factory=list)  # of which it is known that they are there

    @property
    def state(self) -> Outcome:
        """What it is, where that is certain."""
        assert self.is_certain
        return next(iter(self.may_be))

    @property
    def is_certain(self) -> bool:
        return len(self.may_be) == 1


class Ledger:
    """No two files ever have the same path, whichever of their states comes true."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def new(self) -> Entry:
        self.entries.append(Entry(None, {None}))
        return self.entries[-1]

    @contextmanager
    def changing(self, entry: Entry, to: Outcome) -> Iterator["Promise"]:
        """Both are possible unless the promise is given, or the change is known not to have happened."""
        before = entry.state
        entry.may_be.add(to)
        promise = Promise(entry, before, to)
        yield promise
        if entry.may_be == {None}:
            self.entries.remove(entry)

    @property
    def certain(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.is_certain]

    def present(self, *, is_trashed: bool = False) -> list[Entry]:
        """Those that are certainly there."""
        return [one for one in self.certain if one.state is not None and one.state.is_trashed == is_trashed]

    def compare(self, tree: Sequence[Mapping[str, Any]], trash: Sequence[Mapping[str, Any]]) -> list[str]:
        """What is not as was promised, when nothing can change any more."""
        shown = [(item, False) for item in tree] + [(item, True) for item in trash]
        wrong = self._strange(item for item, _ in shown)
        for entry in self.entries:
            paths = {one.path for one in entry.may_be if one is not None}
            found = [(item, trashed) for item, trashed in shown if item["path"] in paths]
            if not any(_fits(possible, found) for possible in entry.may_be):
                wrong.append(f"promised {entry.may_be}, found {found}")
        return wrong

    def compare_tree(self, tree: Sequence[Mapping[str, Any]]) -> list[str]:
        """The same while changes without an answer may still come: only what is certain."""
        shown = {item["path"]: item for item in tree}
        wrong = self._strange(tree)
        for entry in self.present():
            assert entry.state is not None
            item = shown.get(entry.state.path)
            if item is None or not entry.state.is_shown_by(item):
                wrong.append(f"promised {entry.state}, listed {item}")
        return wrong

    def _strange(self, items: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> list[str]:
        known = {one.path for entry in self.entries for one in entry.may_be if one is not None}
        return [f"nobody made {item['path']}" for item in items if item["path"] not in known]


@dataclass(frozen=True, slots=True)
class Promise:
    """How a change is going."""

    entry: Entry
    before: Outcome
    after: Outcome

    def given(self, file_id: str | None = None) -> None:
        """It was answered that it has happened."""
        entry = self.entry
        entry.id = file_id or entry.id
        entry.may_be = {self.after}
        if self.after is None:
            entry.versions.clear()
        elif not entry.versions or entry.versions[-1] != self.after.content:
            entry.versions.append(self.after.content)

    def refused(self) -> None:
        """It was answered that it has not, and will not."""
        self.entry.may_be = {self.before}


def _fits(possible: Outcome, found: Sequence[tuple[Mapping[str, Any], bool]]) -> bool:
    if possible is None:
        return not found
    return len(found) == 1 and possible.is_shown_by(found[0][0]) and found[0][1] == possible.is_trashed
