"""The part of the package that verifies and calls can be had without web framework and database."""

import subprocess
import sys

import pytest

_HEAVY = ("fastapi", "starlette", "sqlalchemy", "pydantic", "pydantic_settings", "uvicorn", "structlog", "asyncpg")


@pytest.mark.parametrize(
    "module",
    [
        "strongroom",
        "strongroom.tokens",
        "strongroom.jwks",
        "strongroom.revocations",
        "strongroom.testing",
        "strongroom.service_client",
        "strongroom.client_credentials",
        "strongroom.call_context",
        "strongroom.spans",
    ],
)
def test_verification_imports_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print([name for name in {_HEAVY!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_asking_the_command_for_help_waits_for_no_client_and_no_colours() -> None:
    heavy = ("pydantic", "httpx2", "jwt", "rich", "keyring", "asyncio", "strongroom.client")
    program = f"import sys, strongroom.cli.app; print([name for name in {heavy!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
