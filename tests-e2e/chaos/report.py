"""The figures of a soak, for people."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from chaos.journal import Journal, availability
from chaos.memory import MIB, Life


def report(journal: Journal, lives: Sequence[Life], *, seconds: float) -> Iterator[str]:
    outside, inside = journal.during(faults=False), journal.during(faults=True)
    total = outside.total() + inside.total()
    yield f"{total} requests in {seconds:.0f} s, {total / seconds:.0f} a second"
    yield "  " + ", ".join(f"{count} {deed}" for deed, count in journal.deeds().most_common())
    yield f"outside of faults {availability(outside):.4%} of {outside.total()} were served{_misses(outside)}"
    yield f"during faults     {availability(inside):.4%} of {inside.total()} were served{_misses(_by_status(inside))}"
    faults = Counter(window.fault for window in journal.windows)
    yield f"{faults.total()} faults of {len(faults)} kinds, {journal.seconds_broken:.0f} s altogether:"
    yield "  " + ", ".join(f"{count}x {name}" for name, count in sorted(faults.items()))
    yield from memory_report(lives)


def outcomes(journal: Journal) -> Iterator[str]:
    """Fault by fault, what was told meanwhile."""
    for window in journal.windows:
        told = _by_status(journal.within(window))
        yield f"{window.fault}: {told['good']} served{_misses(told)}"


def memory_report(lives: Sequence[Life]) -> Iterator[str]:
    by_name: dict[str, list[Life]] = defaultdict(list)
    for life in lives:
        by_name[life.name].append(life)
    for name, some in by_name.items():
        longest = max(some, key=lambda life: life.seconds)
        thirds = " → ".join(f"{size / MIB:.0f}" for size in longest.thirds)
        yield (
            f"memory of {name:8} {thirds} MiB (medians of the thirds of its longest life, {longest.seconds:.0f} s); "
            f"at most {max(max(life.sizes) for life in some) / MIB:.0f} MiB; {len(some)} lives"
        )


def _by_status(told: Counter[str]) -> Counter[str]:
    summed: Counter[str] = Counter()
    for what, count in told.items():
        summed[what.rpartition(": ")[2]] += count
    return summed


def _misses(told: Counter[str]) -> str:
    missed = ", ".join(f"{count}x {what}" for what, count in told.most_common() if what != "good")
    return f" ({missed})" if missed else ""
