"""How the site is built out of these pages: `make docs`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Strongroom"
html_title = "Strongroom"
extensions = ["myst_parser", "sphinx.ext.autodoc", "strongroom_docs"]
root_doc = "index"
exclude_patterns = ["_build"]

myst_heading_anchors = 4  # links to headings work as they do on GitHub
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
default_role = "code"  # docstrings are Markdown's kind: what stands in backticks is code
# Types of other packages are named in signatures, and their documentation is on other hosts.
nitpick_ignore_regex = [("py:.*", ".*")]

html_theme = "furo"
html_static_path = ["site"]
html_css_files = ["strongroom.css"]
html_copy_source = False
html_show_sphinx = False
templates_path: list[str] = []
