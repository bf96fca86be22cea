"""Files in the layouts of CMS with made-up rows on Level II codes, as text, CSV and Excel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

PAIR_HEAD = (
    "Column 1", "Column 2", "*=in existence prior to 1996", "Effective Date", "Deletion Date *=no data",
    "Modifier 0=not allowed 1=allowed 9=not applicable", "PTP Edit Rationale",
)  # fmt: skip
WHY = "Made up: part of the larger service"
PAIRS = (
    ("G0105", "G0121", "", "20240101", "*", "0", WHY),
    ("G0439", "G0463", "", "20240101", "*", "1", WHY),
    ("G0463", "G0379", "*", "20240101", "20250630", "1", WHY),
)
LIMIT_HEAD = (
    "HCPCS/\nCPT Code",
    "Practitioner Services MUE Values",
    "MUE Adjudication Indicator",
    "MUE Rationale",
)
LIMITS = (
    ("E0143", "1", "2 Date of Service Edit: Policy", "Made up"),
    ("J2405", "64", "3 Date of Service Edit: Clinical", "Made up"),
    ("Q9967", "300", "1 Line Edit", "Made up"),
)
ADDON_HEAD = (
    "AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT",
    "AOC_Edit_DelDT", "Special_Instruction_Notes",
)  # fmt: skip
ADDONS = (
    ("1", "A0425", "", "A0427", "", "2024001", "", ""),
    ("1", "A0425", "", "A0429", "", "2024001", "2025181", ""),
    ("2", "C1769", "", "CCCCC", "", "2024001", "", "Contractor Defined Primary Codes"),
)


def pair_lines(rows: Iterable[Sequence[str]] = PAIRS, head: Sequence[str] = PAIR_HEAD) -> list[str]:
    """Lines of a file of code pairs: a notice, the heading, the rows."""
    return ["Made up, in the layout of CMS", "", "\t".join(head), *("\t".join(row) for row in rows)]


def written(path: Path, lines: Iterable[str], end: str = "\r\n") -> Path:
    """Write the lines, each ended, and return the path."""
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def pairs_file(folder: Path, rows: Iterable[Sequence[str]] = PAIRS, name: str = "ccipra-v320r0-f1.TXT") -> Path:
    """A file of code pairs, practitioner, part 1 of January 2026 unless named otherwise."""
    return written(folder / name, pair_lines(rows))


def csv_file(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]], notice: str = "Made up") -> Path:
    """A CSV file with a notice above the heading, which may hold line breaks."""
    quoted = ",".join(f'"{cell}"' for cell in head)
    return written(path, [notice, quoted, *(",".join(row) for row in rows)], "\n")


def limits_file(
    folder: Path, rows: Iterable[Sequence[str]] = LIMITS, name: str = "MCR_MUE_PractitionerServices_Eff_01-01-2026.csv"
) -> Path:  # fmt: skip
    """A file of unit limits for practitioners, from January 2026 unless named otherwise."""
    return csv_file(folder / name, LIMIT_HEAD, rows)


def addons_file(folder: Path, rows: Iterable[Sequence[str]] = ADDONS, name: str = "AOC_V2026Q1-MCR.csv") -> Path:
    """A file of add-on codes from January 2026."""
    return csv_file(folder / name, ADDON_HEAD, rows)


def xlsx_file(
    path: Path, rows: Iterable[Sequence[object]], more: dict[str, str] | None = None, inside: str = ""
) -> Path:
    """An Excel file with one sheet; texts are shared strings, numbers are numbers, and `inside` is put into cell A1."""
    strings: dict[str, int] = {}
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for at, value in enumerate(row):
            place = f"{chr(65 + at)}{number}"
            if value in ("", None):
                continue
            if isinstance(value, str):
                cells.append(f'<c r="{place}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>')
            else:
                cells.append(f'<c r="{place}"><v>{value}</v></c>')
        lines.append(f'<row r="{number}">{inside if number == 5 else ""}{"".join(cells)}</row>')
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {main}>{shared}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{''.join(lines)}</sheetData></worksheet>",
        **(more or {}),
    }  # fmt: skip
    with ZipFile(path, "w", ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return path
