"""The lines of a file for a reader that may have to go back: those that its row may have begun in are held."""

from collections.abc import Iterator

from file_service.parsers.tables.lines import ROW_LIMIT, Block

# In characters. A file of nothing but open quotes, each of them read to a row's limit, would take for ever.
_READ_AGAIN = 32 * 1024 * 1024


class RowTooLong(Exception):
    """Raised while a reader asks for lines; it cannot be used any further."""


class Supply:
    """`line` is the number of the line where the row begins that is being read: the reader says so after each."""

    def __init__(self, blocks: Iterator[Block], line: int) -> None:
        self.line = line
        self.suspect = False  # what is held has bytes in it that are no characters
        self.news = 0  # blocks that came; the reader sets it back
        self._blocks = blocks
        self._held: list[Block] = []
        self._put_back: list[Block] = []
        self._read_again = _READ_AGAIN

    def lines(self) -> Iterator[list[str]]:
        """From `line` on, some at a time. Raises RowTooLong when more than a row's limit would be held."""
        while True:
            self._held = [block for block in self._held if block.last >= self.line]
            if sum(block.size for block in self._held) > ROW_LIMIT:
                raise RowTooLong
            block = self._put_back.pop(0) if self._put_back else next(self._blocks, None)
            if block is None:
                return
            if not self._held:
                block = block.since(self.line)
            self._held.append(block)
            self.suspect = any(held.suspect for held in self._held)
            self.news += 1
            yield block.lines

    def held(self, first: int, following: int) -> Iterator[str]:
        """The lines from `first` to before `following`."""
        for block in self._held:
            yield from block.lines[max(0, first - block.first) : max(0, following - block.first)]

    def go_back(self, following: int) -> None:
        """To the second line of the row that is being read, as long as that is affordable, else to `following`."""
        self._read_again -= sum(map(len, self.held(self.line + 1, following)))
        self.line = self.line + 1 if self._read_again > 0 else following
        rest = (block.since(self.line) for block in self._held if block.last >= self.line)
        self._put_back = [*rest, *self._put_back]
        self._held = []
