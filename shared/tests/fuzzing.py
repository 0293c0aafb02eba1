"""What reads what strangers send, and how it may refuse it: nothing else ever happens, whatever is sent."""

import asyncio
import atexit
import os
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Of each target: few where a change is judged, many with `make fuzz`.
EXAMPLES = int(os.environ.get("STRONGROOM_FUZZ_EXAMPLES", "15"))


_RUNNER = asyncio.Runner()
atexit.register(_RUNNER.close)


def run(reading: Coroutine[Any, Any, object]) -> None:
    """In one loop for all examples: to make one takes longer than most of them."""
    _RUNNER.run(reading)


@dataclass(frozen=True, slots=True)
class Target:
    """`reads` is given what `sent` makes, and answers or raises one of the `refusals`."""

    name: str
    reads: Callable[[Any], object]
    sent: st.SearchStrategy[Any]
    refusals: tuple[type[Exception], ...] = ()


def names(targets: Sequence[Target]) -> list[str]:
    return [target.name for target in targets]


def fuzz(target: Target) -> None:
    @settings(
        max_examples=EXAMPLES,
        database=None,  # it would know all targets by one name
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(target.sent)
    def reading(sent: Any) -> None:
        with suppress(*target.refusals):
            target.reads(sent)

    reading()


@st.composite
def damaged(draw: st.DrawFn, *wholes: bytes, signs: Sequence[bytes] = (b"",)) -> bytes:
    """One of them, in which some pieces are cut out, doubled, or replaced by noise or by one of the `signs`."""
    data = draw(st.sampled_from(wholes))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from((0, 1, 2, 5, 40))))
        doubled = st.just(data[start:end] * 2)
        piece = draw(st.binary(max_size=6) | st.sampled_from(signs) | doubled)
        data = data[:start] + piece + data[end:]
    return data


def header(*wholes: str, signs: str = '",;=*/ \t') -> st.SearchStrategy[str]:
    """The value of a header field, as servers pass it on: anything but the ends of lines."""
    sent = damaged(*(whole.encode("latin-1") for whole in wholes), signs=[sign.encode() for sign in signs])
    return sent.map(lambda data: data.translate(None, b"\0\r\n").decode("latin-1"))


def text(*wholes: str, signs: str = "\"'\\/\0\ufeff\u202eé\U0001f600") -> st.SearchStrategy[str]:
    """Unicode, as it comes out of JSON and forms."""
    sent = damaged(*(whole.encode() for whole in wholes), signs=[sign.encode() for sign in signs])
    return sent.map(lambda data: data.decode("utf-8", "replace")) | st.text(max_size=30)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(10**30), 10**400])
    | st.floats()
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def like(descriptor: Any, *, depth: int = 4) -> st.SearchStrategy[Any]:
    """JSON like the one given, in which any part may be something else, or missing."""
    if depth == 0:
        return st.just(descriptor) | JSON
    match descriptor:
        case dict():
            parts = {name: like(value, depth=depth - 1) for name, value in descriptor.items()}
            whole: st.SearchStrategy[Any] = st.fixed_dictionaries({}, optional=parts) | st.fixed_dictionaries(parts)
        case list():
            whole = st.lists(st.one_of(*(like(one, depth=depth - 1) for one in descriptor)), max_size=4)
        case _:
            whole = st.just(descriptor)
    return st.integers(0, 9).flatmap(lambda chance: JSON if chance == 0 else whole)
