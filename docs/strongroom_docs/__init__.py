"""What the site has beside its pages: contents, pages made of the code, and links that lead out of this folder."""

from pathlib import Path

from sphinx.application import Sphinx

from strongroom_docs import contents, outside_links
from strongroom_docs.generated import GENERATED, pages


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("strongroom_sources", None, "env", [str])
    app.connect("builder-inited", _generate)
    app.connect("source-read", contents.complete)
    app.add_transform(outside_links.OutsideLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _generate(app: Sphinx) -> None:
    folder = Path(app.srcdir) / GENERATED
    folder.mkdir(parents=True, exist_ok=True)
    made = {folder / f"{name}.md": text for name, text in pages().items()}
    for path in set(folder.glob("*.md")) - made.keys():
        path.unlink()
    for path, text in made.items():
        # What is as it was keeps its time, so that it is not read again.
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
