"""Asks REDbot what it finds wrong with an address: `python http_lint.py URL < headers.json`, notes as JSON out.

A program of its own, since REDbot brings an event loop and signal handlers of its own.
"""

import json
import sys
from configparser import ConfigParser

import thor
from redbot.resource import HttpResource


def main() -> None:
    config = ConfigParser()
    config.read_dict({"redbot": {"enable_local_access": "True"}})
    resource = HttpResource(config["redbot"])
    resource.set_request(sys.argv[1], headers=list(json.load(sys.stdin).items()))
    resource.once("check_done", thor.stop)
    resource.check()
    thor.run()
    fetched = [resource, *resource.subreqs.values()]
    notes = [(note.level.value, note.subject, str(note)) for one in fetched for note in one.response.notes]
    found = {"status": resource.response.status_code, "complete": resource.response.complete, "notes": notes}
    found["checks"] = {
        "If-None-Match": resource.inm_support,
        "If-Modified-Since": resource.ims_support,
        "Range": resource.partial_support,
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
