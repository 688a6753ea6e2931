"""Reads an exported table of alarms as CSV and as XLSX, and holds the two against each other.

Usage: read_alarms.py <csv> <xlsx>. Prints how many rows there are.
"""

import csv
import datetime
import sys

import openpyxl

MOMENTS = {"发生时间 (UTC+08:00)", "消失时间 (UTC+08:00)"}
NUMBERS = {"触发值", "限值", "持续（秒）"}
KEY = ["通道", "规则", "发生时间 (UTC+08:00)"]


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
    # The two were taken one after the other: what was corrected in between is in one of them.
    place = [head.index(name) for name in KEY]
    lines = {key([line[at] for at in place]): line for line in rows[1:]}
    common = 0
    for cells in found[1:]:
        assert all(cell.data_type != "f" for cell in cells), [cell.value for cell in cells]
        line = lines.get(key([cells[at].value for at in place]))
        if line is not None:
            common += 1
            for name, text, cell in zip(head, line, cells, strict=True):
                same(name, text, cell.value)
    print(common)


def key(values: list) -> tuple:
    channel, rule, begun = values
    if isinstance(begun, str):
        begun = datetime.datetime.fromisoformat(begun)
    return channel, rule, round(begun.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)


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
