"""The checker itself: it sees what is lost, wrong, doubled or strange, and lets pass what nobody was promised."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from chaos.content import Content
from chaos.ledger import Ledger, Outcome, State

OLD = State("a", Content(1, 10))
NEW = State("a", Content(3, 20))


def item(state: State) -> dict[str, Any]:
    return {"path": state.path, "size": state.content.size, "sha256": state.content.sha256}


def after(*changes: tuple[Outcome, bool]) -> Ledger:
    """A ledger of one file, and of each change whether it was answered."""
    ledger = Ledger()
    entry = ledger.new()
    for state, is_answered in changes:
        with ledger.changing(entry, state) as promise:
            if is_answered:
                promise.given("id")
    return ledger


def seen(ledger: Ledger, *states: State) -> Sequence[str]:
    tree, trash = ([item(one) for one in states if one.is_trashed == trashed] for trashed in (False, True))
    return ledger.compare(tree, trash)


@pytest.mark.parametrize("state", [OLD, replace(OLD, is_trashed=True)])
def test_what_is_as_promised_is_fine(state: State) -> None:
    assert not seen(after((OLD, True), (state, True)), state)


def test_a_lost_file_a_lost_version_and_lost_bytes_are_seen() -> None:
    assert seen(after((OLD, True)))
    assert seen(after((OLD, True), (NEW, True)), OLD)
    assert seen(after((OLD, True)), replace(OLD, content=Content(5, 10)))


def test_a_removal_a_trashing_and_a_rename_that_did_not_last_are_seen() -> None:
    assert seen(after((OLD, True), (None, True)), OLD)
    assert seen(after((OLD, True), (replace(OLD, is_trashed=True), True)), OLD)
    assert seen(after((OLD, True), (replace(OLD, path="b"), True)), OLD)


def test_a_file_at_both_its_paths_is_seen() -> None:
    moved = replace(OLD, path="b")
    assert seen(after((OLD, True), (moved, False)), OLD, moved)


def test_a_file_that_nobody_made_is_seen() -> None:
    assert seen(after((OLD, True)), OLD, replace(OLD, path="strange"))


@pytest.mark.parametrize("state", [OLD, NEW])
def test_without_an_answer_either_will_do_and_nothing_else(state: State) -> None:
    ledger = after((OLD, True), (NEW, False))
    assert not seen(ledger, state)
    assert seen(ledger)
    assert seen(ledger, replace(state, content=Content(7, 7)))


def test_an_upload_without_an_answer_may_be_there_or_not() -> None:
    assert not seen(after((OLD, False)))
    assert not seen(after((OLD, False)), OLD)


def test_in_the_middle_of_it_a_list_must_have_what_is_certain() -> None:
    ledger = after((OLD, True))
    assert not ledger.compare_tree([item(OLD)])
    assert ledger.compare_tree([])
    assert ledger.compare_tree([item(NEW)])
    assert not after((OLD, True), (NEW, False)).compare_tree([])
