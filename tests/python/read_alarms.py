"""Reads an exported table of alarms as CSV and as XLSX, and holds the two against each other.

Usage: read_alarms.py <csv> <xlsx>. Prints how many rows there are.
"""

import csv
import datetime
import sys

import openpyxl

MOMENTS = {"发生时间 (UTC+08:00)", "消失时间 (UTC+08:00)"}
NUMBERS = {"触发值", "限值", "持续（秒）"}


def main() -> None:
    raw = open(sys.argv[1], "rb").read()
    assert raw.startswith(b"\xef\xbb\xbf"), "no byte order mark"
    text = raw.decode("utf-8-sig")
    assert "\r\n" in text and text.endswith("\r\n")
    rows = list(csv.reader(text.splitlines()))
    book = openpyxl.load_workbook(sys.argv[2], read_only=False)
    sheet = book.active
    assert sheet.title == "报警", sheet.title
    assert sheet.freeze_panes == "A2", sheet.freeze_panes
    found = list(sheet.iter_rows())
    head = [cell.value for cell in found[0]]
    assert head == rows[0], (head, rows[0])
    assert MOMENTS | NUMBERS <= set(head), head
    assert len(found) == len(rows), (len(found), len(rows))
    for line, cells in zip(rows[1:], found[1:], strict=True):
        for name, text, cell in zip(head, line, cells, strict=True):
            same(name, text, cell.value)
            assert cell.data_type != "f", (name, cell.value)
    print(len(rows) - 1)


def same(name: str, text: str, value: object) -> None:
    if name in MOMENTS and value is not None:
        assert isinstance(value, datetime.datetime), (name, value)
        told = datetime.datetime.fromisoformat(text)
        assert abs(told - value) <= datetime.timedelta(milliseconds=1), (text, value)
    elif name in NUMBERS and value is not None:
        assert isinstance(value, (int, float)) and float(text) == value, (text, value)
    else:
        assert (value or "") == text.removeprefix("'"), (name, text, value)


main()
