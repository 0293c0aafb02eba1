"""Who is signed in, and what becomes of that: the console's session, run by node."""

from pathlib import Path
from typing import Any

import pytest
from console_modules import NODE, run

pytestmark = pytest.mark.skipif(not NODE, reason="node is needed to run the modules, and was not found")


def told(folder: Path, script: str) -> Any:
    return run(folder, "session.js", "session", script)


def test_signing_out_with_an_expired_token_ends_the_session_all_the_same(tmp_path: Path) -> None:
    script = """
    answers.push(token("ann", "old", 0), person("ann"), token("ann", "new", 900), [204]);
    await session.resume();
    await session.signOut();
    tell({ calls: calls.slice(2), isOpen: session.isOpen });
    """
    assert told(tmp_path, script) == {
        "calls": ["POST /auth/token", "DELETE /auth/sessions/s new"],
        "isOpen": False,
    }


@pytest.mark.parametrize("refusal", ["null", "[503, {}]"])
def test_who_could_not_be_signed_out_is_told(tmp_path: Path, refusal: str) -> None:
    script = f"""
    answers.push(token("ann", "a", 900), person("ann"), {refusal});
    await session.resume();
    const status = await session.signOut().then(() => "signed out", (problem) => problem.status);
    tell({{ status, isOpen: session.isOpen }});
    """
    assert told(tmp_path, script) == {"status": 0 if refusal == "null" else 503, "isOpen": True}


def test_whose_session_was_ended_elsewhere_is_signed_out(tmp_path: Path) -> None:
    script = """
    answers.push(token("ann", "a", 900), person("ann"), [401, {}], [400, { error: "invalid_grant" }]);
    await session.resume();
    await session.signOut();
    tell({ isOpen: session.isOpen });
    """
    assert told(tmp_path, script) == {"isOpen": False}


def test_who_signs_in_in_another_tab_takes_over_and_gets_no_work_of_who_was_here(tmp_path: Path) -> None:
    script = """
    answers.push(token("ann", "a", 0), person("ann"), token("bob", "b", 900), token("bob", "c", 900), person("bob"));
    await session.resume();
    const seen = [];
    const bobs = new Promise((resolve) => session.addEventListener("change", () => {
      seen.push(session.me?.id ?? null);
      if (session.me?.id === "bob") resolve();
    }));
    const given = await session.token().catch((problem) => problem.name);
    await bobs;
    tell({ given, seen });
    """
    assert told(tmp_path, script) == {"given": "AbortError", "seen": [None, "bob"]}


@pytest.mark.parametrize(("answer", "status"), [("null", 0), ("[503, {}]", 503), ("[429, {}]", 429)])
def test_who_loads_the_page_in_a_bad_moment_is_not_taken_for_signed_out(
    tmp_path: Path, answer: str, status: int
) -> None:
    script = f"""
    answers.push({answer});
    tell({{ status: await session.resume().then(() => "none", (problem) => problem.status) }});
    """
    assert told(tmp_path, script) == {"status": status}


def test_who_has_no_session_is_asked_to_sign_in_without_a_word(tmp_path: Path) -> None:
    script = """
    answers.push([400, { error: "invalid_grant" }]);
    tell({ status: await session.resume().then(() => "none", (problem) => problem.status), isOpen: session.isOpen });
    """
    assert told(tmp_path, script) == {"status": "none", "isOpen": False}
