"""Images that cannot be fetched here, made of Debian's packages and of the programs that tests use anyway."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from compose.engine import Engine, NoEngine

_RECIPES = Path(__file__).with_name("stand_ins")
_SUITE = "trixie"
_BASE = "strongroom-stand-in:base"
_INSIDE = ["ca-certificates", "python3", "python3-venv", "postgresql-17"]
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_PROGRAMS = {"store": "weed", "caddy": "caddy"}


def make(engine: Engine, name: str, image: str, folder: Path) -> None:
    """Builds stand_ins/`name` as `image`. Raises NoEngine where Debian's packages cannot be had."""
    if not engine.answer("image", "ls", "--quiet", _BASE):
        _make_base(engine, folder)
    with TemporaryDirectory(dir=folder) as context:
        shutil.copytree(_RECIPES / name, context, dirs_exist_ok=True)
        shutil.copy(_AUTHORITIES, context)  # whom this machine believes: an index behind a proxy is signed by it
        if program := _PROGRAMS.get(name):
            shutil.copy(Path(sys.executable).with_name(program), context)
        engine.run("build", "--quiet", "--tag", image, context, loud=False)


def _make_base(engine: Engine, folder: Path) -> None:
    if not shutil.which("mmdebstrap"):
        raise NoEngine("images cannot be fetched, and mmdebstrap is not installed, to make some")
    archive = folder / "base.tar"
    words = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(_INSIDE)}", _SUITE, str(archive)]
    done = subprocess.run([*words, _mirror()], check=False, capture_output=True, text=True)
    if done.returncode:
        raise NoEngine(f"images cannot be fetched, and mmdebstrap failed: {done.stderr.strip()}")
    engine.run("import", archive, _BASE, loud=False)
    archive.unlink()


def _mirror() -> str:
    """Where this machine has its own packages from."""
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"], check=True, capture_output=True, text=True
    ).stdout.split()
    mirrors = [address for address in found if "security" not in address]
    if not mirrors:
        raise NoEngine(f"images cannot be fetched, and apt names no mirror ({os.uname().sysname})")
    return mirrors[0]
