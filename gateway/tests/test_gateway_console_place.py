"""What an address may say is shown: anybody can make one, and have it clicked."""

from pathlib import Path

import pytest
from console_modules import NODE, run

pytestmark = pytest.mark.skipif(not NODE, reason="node is needed to run the modules, and was not found")

FILE = "0198c0de-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"open={FILE}&sort=-size", {"open": FILE, "sort": "-size"}),
        ("open=../auth/keys/rotate%3F", {"open": None, "sort": None}),
        (f"open={FILE}%2F..", {"open": None, "sort": None}),
        ("open=%2F%2Fevil.example&sort=constructor", {"open": None, "sort": None}),
    ],
)
def test_only_ids_are_opened_and_only_known_orders_sorted_by(
    tmp_path: Path, query: str, expected: dict[str, str | None]
) -> None:
    script = f"""
    const {{ open, sort }} = placeOf({{ rest: [], query: new URLSearchParams("{query}") }});
    tell({{ open, sort }});
    """
    assert run(tmp_path, "files/place.js", "placeOf", script) == expected
