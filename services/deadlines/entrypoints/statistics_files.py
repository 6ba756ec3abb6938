"""Tables of counts as files: CSV and XLSX, with what they are and when they were made."""

import csv
from datetime import datetime
from io import BytesIO, StringIO

from xlsxwriter import Workbook

from services.deadlines.domain.statistics import Audience, Table
from services.deadlines.domain.suppression import THRESHOLD

WITHHELD = "withheld"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
Line = list[str | int]


def as_csv(table: Table) -> bytes:
    """A header line, a line a row and the totals; figures that are not shown say so."""
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(_lines(table))
    # Spreadsheets take a file without the mark for one in their country's old letters.
    return ("\ufeff" + out.getvalue()).encode()


def as_xlsx(table: Table, now: datetime) -> bytes:
    """One sheet with the table, one that says what it is."""
    out = BytesIO()
    book = Workbook(out, {"in_memory": True})
    book.set_properties({"title": table.title, "created": now.replace(tzinfo=None)})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("Table")
    for number, line in enumerate(_lines(table)):
        sheet.write_row(number, 0, line, bold if number == 0 else None)
    sheet.set_column(0, 0, 32)
    sheet.freeze_panes(1, 1)
    about = book.add_worksheet("About")
    for number, line in enumerate(_about(table, now)):
        about.write_row(number, 0, line)
    book.close()
    return out.getvalue()


def _lines(table: Table) -> list[Line]:
    header: Line = [table.by.value.capitalize(), *table.columns.values()]
    return [header, *(_line(table, row, label) for row, label in table.rows.items())]


def _line(table: Table, row: str, label: str) -> Line:
    figures = (table.figures[(row, column)] for column in table.columns)
    return [label, *(WITHHELD if figure is None else figure for figure in figures)]


def _about(table: Table, now: datetime) -> list[Line]:
    lines: list[Line] = [[table.title], [f"As at {now:%Y-%m-%d %H:%M} UTC"]]
    if table.audience is Audience.OUTSIDE:
        said = (
            f"Counts from 1 to {THRESHOLD - 1} are withheld, and with them as many other figures "
            "as it takes that nobody can work them out."
        )
        lines.append([said])
    else:
        lines.append(["For use inside only: it holds small numbers."])
    return lines
