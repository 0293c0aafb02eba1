"""The command line: `python -m gateway serve`."""

import argparse

from gateway.app import build
from gateway.settings import GatewaySettings
from strongroom.web.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="gateway", description="Settings are read from STRONGROOM_* variables.")
    parser.add_argument("command", choices=["serve"])
    parser.parse_args()
    settings = GatewaySettings()
    gateway = build(settings)
    serve(gateway.app, settings, name="gateway", http=gateway.door.connection)


if __name__ == "__main__":
    main()
