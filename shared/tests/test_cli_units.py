"""Sizes and times as people write and read them."""

from datetime import timedelta

import pytest

from strongroom.cli.units import duration, shown_size, size


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7 years", "1.5h", "7d7d", "9999999d"])
def test_what_is_no_time_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match="no time"):
        duration(text)


def test_times() -> None:
    assert [duration(text).total_seconds() for text in ("90s", "30m", "12H", " 7d ", "2w")] == [
        90,
        1800,
        43_200,
        timedelta(days=7).total_seconds(),
        timedelta(weeks=2).total_seconds(),
    ]


@pytest.mark.parametrize("text", ["", "-1", "G", "1e3", "1 PB", "0x10"])
def test_what_is_no_size_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        size(text)


def test_sizes() -> None:
    assert [size(text) for text in ("0", "500", "1k", "1.5MiB", "2 GB")] == [0, 500, 1024, 1_572_864, 2_147_483_648]
    assert [shown_size(count) for count in (0, 1023, 1024, 1_572_864)] == ["0 B", "1023 B", "1.0 KiB", "1.5 MiB"]
