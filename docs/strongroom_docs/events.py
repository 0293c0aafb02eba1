"""The page about events, out of the AsyncAPI document."""

import asyncio

from file_service.catalogue import asyncapi
from strongroom_docs.markdown import code, table
from strongroom_docs.schemas import fields, kind, remarks, schema_of


def events_page() -> str:
    document = asyncio.run(asyncapi())
    channel = schema_of(document["channels"]["events"])
    query = schema_of(document["channels"]["events"]["bindings"]["ws"]["query"])
    rows = [
        (code(name), kind(schema_of(one)), remarks(schema_of(one)))
        for name, one in schema_of(query["properties"]).items()
    ]
    return "\n\n".join(
        [
            f"# Events\n\nAt {code(channel['address'])}; the same as a document is at `/files/asyncapi.json`.",
            str(document["info"]["description"]),
            table(("parameter", "type", "what it is"), rows),
            "## Types\n\n" + table(("type", "its `data`"), _types(document["components"]["messages"])),
            "## What `data` is",
            *(f"### {name}\n\n{fields(schema_of(one), '')}" for name, one in document["components"]["schemas"].items()),
        ]
    )


def _types(messages: object) -> list[tuple[str, str]]:
    return [
        (code(name), kind(schema_of(schema_of(schema_of(schema_of(one)["payload"])["properties"])["data"]), ""))
        for name, one in schema_of(messages).items()
    ]
