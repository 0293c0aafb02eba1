"""The text of documents: Word, PowerPoint, Excel and OpenDocument files, mail, HTML, Markdown and plain text."""

from file_service.parsers.contract import Facts, Output, Source, Task
from file_service.parsers.documents.archive import opened
from file_service.parsers.documents.description import Description
from file_service.parsers.documents.formats import Format, format_of, format_within
from file_service.parsers.documents.mail import read_mail
from file_service.parsers.documents.open_document import read_open_document
from file_service.parsers.documents.page import read_page
from file_service.parsers.documents.plain import read_markdown, read_plain
from file_service.parsers.documents.prose import Prose
from file_service.parsers.documents.sheets import read_sheets
from file_service.parsers.documents.slides import read_slides
from file_service.parsers.documents.word import read_word
from file_service.parsers.passages import Passages

_PAGED = ("pptx", "xlsx", "ods", "odp")  # by slides and sheets


def parse(source: Source, task: Task, output: Output) -> Facts:
    """Facts: kind, format, title, language, page_count, characters (of the text that is kept), text_truncated.

    A mail has more.
    """
    text = _Text(output)
    passages = Passages(text)
    kind, description = _read(source, task, Prose(passages))
    return {
        "kind": "document",
        "format": kind,
        "title": description.title,
        "language": description.language,
        "page_count": text.last_page if kind in _PAGED else None,
        "characters": text.characters,
        "text_truncated": passages.truncated or description.is_cut,
        **description.more,
    }


def _read(source: Source, task: Task, prose: Prose) -> tuple[Format, Description]:
    kind = format_of(source, task)
    match kind:
        case "zip":
            return _read_archive(source, prose)
        case "eml":
            return kind, read_mail(source, prose)
        case "html":
            with source.open() as file:
                return kind, read_page(file, prose)
        case "markdown":
            return kind, read_markdown(source, prose)
    return kind, read_plain(source, prose)


def _read_archive(source: Source, prose: Prose) -> tuple[Format, Description]:
    with opened(source) as archive:
        kind = format_within(archive)
        match kind:
            case "docx":
                return kind, read_word(archive, prose)
            case "pptx":
                return kind, read_slides(archive, prose)
            case "odt" | "ods" | "odp":
                return kind, read_open_document(archive, prose, kind)
    return kind, read_sheets(source, prose)  # it opens the file anew


class _Text:
    """The output, as the passages see it: counted on its way."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.object = output.object
        self.characters = 0
        self.last_page = 0

    def passage(self, page: int, text: str) -> None:
        self.characters += len(text)
        self.last_page = page
        self._output.passage(page, text)
