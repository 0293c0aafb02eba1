"""Chores are done in turn and again and again, from when they are to begin until the end."""

import asyncio

from strongroom.web.housekeeping import housekeeping


async def test_a_chore_that_is_to_wait_is_done_after_one_that_is_not() -> None:
    done: list[str] = []
    over = asyncio.Event()

    async def waiting() -> None:
        done.append("waiting")
        over.set()

    async def first() -> None:
        done.append("first")

    async with asyncio.timeout(20), housekeeping([waiting], after=0.2), housekeeping([first], every=3600):
        await over.wait()
    assert done == ["first", "waiting"]


async def test_what_has_not_begun_is_not_waited_for_and_never_done() -> None:
    done: list[str] = []

    async def chore() -> None:
        done.append("chore")

    async with asyncio.timeout(20), housekeeping([chore], after=3600):
        pass
    assert done == []


async def test_one_that_fails_keeps_no_other_from_being_done_and_is_tried_again() -> None:
    done = 0
    over = asyncio.Event()

    async def failing() -> None:
        raise ValueError("not today")

    async def chore() -> None:
        nonlocal done
        done += 1
        if done == 3:
            over.set()

    async with asyncio.timeout(20), housekeeping([failing, chore], every=0.01):
        await over.wait()
