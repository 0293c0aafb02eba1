"""Makes tables of contents of the lists that the index pages have, so that those read well on GitHub too."""

import re

from sphinx.application import Sphinx

from strongroom_docs.generated import GENERATED

_PART = re.compile(r"^## (.+)$", re.MULTILINE)
_ENTRY = re.compile(r"^- \[[^\]]+\]\(([^)#:]+)\.md\)", re.MULTILINE)
_FOLDERS = {"adr/index": "[0-9]*", "reference/index": f"{GENERATED.name}/*"}


def complete(app: Sphinx, name: str, source: list[str]) -> None:
    if name == app.config.root_doc:
        source[0] += "".join(_hidden(caption, entries) for caption, entries in parts(source[0]))
    if name in _FOLDERS:
        source[0] += f"\n```{{toctree}}\n:maxdepth: 1\n:glob:\n\n{_FOLDERS[name]}\n```\n"


def parts(text: str) -> list[tuple[str, list[str]]]:
    """Of each heading, the pages that its list names."""
    _, *rest = _PART.split(text)
    return [(caption, _ENTRY.findall(part)) for caption, part in zip(rest[::2], rest[1::2], strict=True)]


def _hidden(caption: str, entries: list[str]) -> str:
    return f"\n```{{toctree}}\n:hidden:\n:maxdepth: 1\n:caption: {caption}\n\n" + "\n".join(entries) + "\n```\n"
