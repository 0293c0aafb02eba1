"""An XLSX workbook: a columnar copy of each of its sheets."""

import warnings

from file_service.parsers.contract import Facts, Output, Source, Task
from file_service.parsers.tables import memory  # noqa: F401  (sets Arrow up)
from file_service.parsers.tables.columnar import write_columnar
from file_service.parsers.workbooks.checks import check_workbook
from file_service.parsers.workbooks.reading import Workbook
from file_service.parsers.workbooks.sheet import survey_sheet


def parse(source: Source, _task: Task, output: Output) -> Facts:
    """Objects `sheet-1.parquet`, … laid out as `columnar` says; of a formula, the value that was last computed."""
    warnings.simplefilter("ignore")  # openpyxl's, of what it leaves out
    check_workbook(source)
    sheets = []
    with source.open() as stream:
        workbook = Workbook(stream)
        for position, name in enumerate(workbook.names):
            sheet = survey_sheet(name, workbook.rows(position))
            batches = sheet.record_batches(workbook.rows(position))
            write_columnar(output, f"sheet-{position + 1}.parquet", sheet.columns, batches)
            sheets.append(sheet.facts)
    return {"kind": "workbook", "sheets": sheets}
