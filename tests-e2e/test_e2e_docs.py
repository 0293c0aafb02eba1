"""Every example of the documentation is run, or says why it is not; every link leads somewhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt
from page_examples import Example, examples
from page_shell import PageShell
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if not {"_build", "generated"} & set(path.parts))
ALL: dict[str, list[Example]] = {path.relative_to(DOCS).as_posix(): examples(path.read_text()) for path in PAGES}
RUN = [name for name, found in ALL.items() if any(example.is_run for example in found)]
DATA = {"yaml", "json", "ini"}
JAVASCRIPT = Path(__file__).parent / "javascript"
TOOLS = Path(__file__).parent


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One for all pages; webhooks may go to programs on this machine."""
    data = tmp_path_factory.mktemp("docs") / "data"
    stack = Stack(data, STRONGROOM_WEBHOOK_PRIVATE_ADDRESSES="true").wait_until_ready()
    yield stack
    stack.kill()


@pytest.fixture
def shell(stack: Stack, tmp_path: Path) -> PageShell:
    """With what a page takes for granted: who administers, where the database is, what is installed."""
    service = stack.service("auth_service").environ()
    known = {
        "ADMIN_EMAIL": ADMIN_EMAIL,
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
        "STRONGROOM_DATABASE_URL": service["STRONGROOM_DATABASE_URL"],
        "MAILS": service["STRONGROOM_MAIL_DIR"],
        "PYTHONPATH": os.pathsep.join([str(TOOLS), os.environ.get("PYTHONPATH", "")]),
        "REPOSITORY": str(ROOT),
    }
    return PageShell(tmp_path, stack.url, known)


@pytest.mark.heavy
@pytest.mark.parametrize("page", RUN)
def test_every_example_does_what_it_says(page: str, shell: PageShell, tmp_path: Path) -> None:
    if any(example.file and example.language == "js" for example in ALL[page]):
        _install_javascript(tmp_path)
    run = [example for example in ALL[page] if example.is_run]
    ran = shell.run(run)
    for number, (example, answer) in enumerate(zip(run, ran.answers, strict=False), start=1):
        if ran.fault is not None and number == len(ran.answers):
            logs = "".join(f"{log.name}: {log.read_text()[-2000:]}\n" for log in tmp_path.glob("*.log"))
            pytest.fail(f"{page}:{example.line}\n{example.text}\n{ran.fault}\n{logs}")
        if example.shown is not None:
            assert example.shown.is_answered_by(answer), f"{page}:{example.line}\n{example.text}\n{answer}"


def _install_javascript(folder: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("node and npm are needed to run JavaScript, and were not found")
    shutil.copy(JAVASCRIPT / "package.json", folder)
    command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stdout + installed.stderr


@pytest.mark.parametrize("page", ALL)
def test_what_is_not_run_says_why(page: str) -> None:
    for example in ALL[page]:
        assert example.is_run or example.not_run, f"{page}:{example.line} is neither run nor says why not"
        if example.not_run:
            print(f"{page}:{example.line} is not run: {example.not_run}")


@pytest.mark.parametrize("page", [name for name in ALL if any(one.language in DATA for one in ALL[name])])
def test_what_is_data_can_be_read(page: str) -> None:
    for example in ALL[page]:
        if example.language == "yaml":
            assert list(yaml.safe_load_all(example.text))
        if example.language == "json":
            json.loads(example.text)
        if example.language == "ini":
            ConfigParser(strict=False, interpolation=None).read_string(example.text)


@pytest.mark.heavy
def test_the_python_of_all_pages_has_sound_types(shell: PageShell, tmp_path: Path) -> None:
    for page in RUN:
        folder = tmp_path / re.sub(r"\W", "_", page)
        for name, text in shell.files(ALL[page]).items():
            folder.mkdir(exist_ok=True)
            (folder / f"{folder.name}_{name}").write_text(text)
    files = [str(path) for path in tmp_path.glob("*/*.py")]
    command = [sys.executable, "-m", "mypy", *files]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def anchors(page: Path) -> set[str]:
    """Of the headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: Path) -> list[str]:
    tokens = [child for token in MarkdownIt().parse(page.read_text()) for child in token.children or []]
    found = [token.attrGet("href") or token.attrGet("src") for token in tokens if token.type in {"link_open", "image"}]
    return [str(link) for link in found if not re.match(r"[a-z]+:", str(link))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link
