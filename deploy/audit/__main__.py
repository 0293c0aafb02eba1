"""`python deploy/audit` looks locked packages up where pip and npm get them. Exit code 3: not all was checked."""

import asyncio
import ssl
import sys
from pathlib import Path

import httpx2
import javascript_packages
import python_packages
from findings import CLEAN, Findings
from locked_packages import locked_in
from package_index import NotTold, PackageIndex, address_of_index

_ROOT = Path(__file__).parents[2]
_JAVASCRIPT = _ROOT / "tests-e2e" / "javascript" / "package.json"


async def _python() -> Findings:
    locked = locked_in(_ROOT / "requirements.lock")
    try:
        address = address_of_index()
    except NotTold as why:
        return Findings(unknown=[(one.name, str(why)) for one in locked])
    # The machine's own authorities, as pip is mostly told to take them.
    async with httpx2.AsyncClient(timeout=60, follow_redirects=True, verify=ssl.create_default_context()) as http:
        return await python_packages.audit(locked, PackageIndex(address, http))


def main() -> int:
    found = {
        "locked Python releases": asyncio.run(_python()),
        "JavaScript packages of the tests": javascript_packages.audit(_JAVASCRIPT),
    }
    for what, findings in found.items():
        print(f"{what}:", *findings.report(what), sep="\n  ")
    return min({findings.exit_code for findings in found.values()} - {CLEAN}, default=CLEAN)


if __name__ == "__main__":
    sys.exit(main())
