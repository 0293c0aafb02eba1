"""Links to files of the repository that are no pages: they lead to where the sources can be read, or are words."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform


class OutsideLinks(SphinxTransform):
    """`strongroom_sources` is where the repository is shown, like https://git.example/strongroom/blob/main."""

    default_priority = 5

    def apply(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(_may_lead_outside)):
            target = self._outside(node["reftarget"])
            if target is not None:
                node.replace_self(self._shown(node, target))

    def _outside(self, target: str) -> str | None:
        """The path in the repository, if it is not one of a page."""
        path, _, fragment = unquote(target).partition("#")
        pages = Path(self.env.srcdir)
        absolute = (pages / self.env.docname).parent.joinpath(path).resolve()
        repository = pages.parent
        if not path or absolute.is_relative_to(pages) or not absolute.is_relative_to(repository):
            return None
        return absolute.relative_to(repository).as_posix() + (f"#{fragment}" if fragment else "")

    def _shown(self, node: nodes.Element, target: str) -> nodes.Element:
        address = self.config.strongroom_sources
        if address:
            return nodes.reference("", "", *node.children, refuri=f"{address}/{target}")
        return nodes.inline("", "", *node.children, classes=["source"])


def _may_lead_outside(node: nodes.Node) -> bool:
    return isinstance(node, addnodes.download_reference | addnodes.pending_xref) and "reftarget" in node
