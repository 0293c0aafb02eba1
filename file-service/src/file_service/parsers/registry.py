"""The parsers by name. Each module is imported only where it is asked for: some take a second and 100 MiB."""

from importlib import import_module
from typing import cast

from file_service.parsers.contract import Parser

# name: the module here that has its `parse`
_MODULES = {
    "csv": "table_csv",
    "csv-head": "table_csv_head",
    "csv-judged": "table_csv_judged",
    "document": "document",
    "image": "image",
    "language": "language",
    "pdf": "pdf",
    "probe": "probe",
    "rows": "rows",
    "xlsx": "workbook",
}


def parser(name: str) -> Parser:
    module = import_module(f"file_service.parsers.{_MODULES[name]}")
    return cast("Parser", module.parse)
