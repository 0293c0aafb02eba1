"""The images that an installation needs: fetched where they can be, and made where they cannot."""

from pathlib import Path

from compose import stand_ins
from compose.engine import Engine
from compose.installation import Installation

_ROOT = Path(__file__).parents[2]
_PYTHON = "python:3.13-slim-trixie"


def make_ready(engine: Engine, installation: Installation, folder: Path) -> None:
    """Ours is built as the README says. Raises NoEngine where one cannot be had in any way."""
    named = installation.images()
    like = {"postgres": "postgres", "mail": "mail", "caddy": "caddy", "store": "minio"}
    wanted = {"python": _PYTHON} | {recipe: named[service] for recipe, service in like.items()}
    for name, image in wanted.items():
        if not engine.has(image):
            print(f"{image} cannot be fetched here: a stand-in is made of Debian's packages", flush=True)
            stand_ins.make(engine, name, image, folder)
    engine.run("build", "--quiet", "--file", "deploy/docker/Dockerfile", "--tag", named["gateway"], ".", folder=_ROOT)
