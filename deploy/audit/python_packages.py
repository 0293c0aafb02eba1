"""Audits the locked releases: known to be vulnerable, taken back, or with other files than were locked."""

import asyncio
from collections.abc import Sequence

from findings import Findings
from locked_packages import Locked
from package_index import Known, NotTold, PackageIndex

# The last of its project, which ended in 2013 with flaws that everybody knows: an index that tells of none knows none.
CANARY = Locked("pycrypto", "2.6.1", frozenset())
_AT_ONCE = 8


async def audit(locked: Sequence[Locked], index: PackageIndex) -> Findings:
    """Nothing counts as checked unless the index tells of a weakness that is certainly there."""
    findings = Findings()
    try:
        canary = await index.ask(CANARY)
    except NotTold as why:
        findings.unknown += [(one.name, str(why)) for one in locked]
        return findings
    if not canary.advisories:
        findings.unknown += [(one.name, "the index carries no advisories") for one in locked]
        return findings
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(release: Locked) -> Known | NotTold:
        async with turns:
            try:
                return await index.ask(release)
            except NotTold as why:
                return why

    for release, told in zip(locked, await asyncio.gather(*map(one, locked)), strict=True):
        _judge(release, told, findings)
    return findings


def _judge(release: Locked, told: Known | NotTold, findings: Findings) -> None:
    if isinstance(told, NotTold):
        findings.unknown.append((release.name, str(told)))
        return
    if told.yanked is not None:
        findings.wrong.append(f"{release} was yanked: {told.yanked or 'without a reason'}")
    if not told.sha256:
        findings.unknown.append((release.name, "the index has no files of the locked release"))
        return
    if not release.sha256 & told.sha256:
        findings.wrong.append(f"{release}: the index has other files than were locked")
    if told.advisories is None:
        findings.unknown.append((release.name, "the index tells no advisories of a release that is not the newest"))
        return
    findings.checked += 1
    findings.wrong += [f"{release}: {name}: {about}" for name, about in told.advisories.items()]
