"""`make bench`: starts a stack, measures, and prints a table; JSON goes to `bench.json` in the folder given."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "file-service" / "tests"))

from bench.grants import grants
from bench.pages import pages
from bench.report import Figure, markdown, save
from bench.sign_ins import storm
from bench.sign_out import sign_out
from bench.verification import verification
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack


async def measure(stack: Stack) -> list[Figure]:
    cores = len(os.sched_getaffinity(0))
    figures = await verification()
    figures += await storm(stack.url, cores)
    figures += await asyncio.to_thread(sign_out, stack)
    figures += await grants(stack.url, stack.service("auth_service"), (ADMIN_EMAIL, ADMIN_PASSWORD))
    figures += await asyncio.to_thread(pages, stack)
    return figures


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "data").wait_until_ready()
        try:
            figures = asyncio.run(measure(stack))
        finally:
            stack.stop()
    print(markdown(figures))
    save(figures, Path(sys.argv[1] if len(sys.argv) > 1 else ".") / "bench.json")


if __name__ == "__main__":
    main()
