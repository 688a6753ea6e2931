"""Reads what is new in a ledger without Siskin, from a copy, as a station that was killed left it.

Usage: read_ledger.py DATA AFTER_EVENT AFTER_AUDIT; prints one JSON object. Fails where the file is
not whole by SQLite's own check.
"""

import json
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

# A warning as it stands is that of its newest event, to the letter.
WRONG_VIEWS = """
    SELECT id FROM warning AS w WHERE NOT EXISTS (
        SELECT 1 FROM event WHERE seq = w.seq AND warning = w.id
        AND json(json_extract(body, '$.warning')) = json(w.body))
    OR EXISTS (SELECT 1 FROM event WHERE kind = 'warning' AND warning = w.id AND seq > w.seq)
"""


def copied(data: Path, to: Path) -> sqlite3.Connection:
    for name in ("ledger.db", "ledger.db-wal"):
        if (data / name).exists():
            shutil.copy(data / name, to / name)
    return sqlite3.connect(to / "ledger.db")


def main() -> None:
    data, after_event, after_audit = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        db = copied(data, Path(folder))
        (verdict,) = db.execute("PRAGMA quick_check").fetchone()
        assert verdict == "ok", verdict
        db.row_factory = lambda cursor, row: {
            column[0]: value for column, value in zip(cursor.description, row, strict=True)
        }

        def rows(sql: str, *values: int) -> list:
            found = db.execute(sql, values).fetchall()
            for row in found:
                if "body" in row:
                    row["body"] = json.loads(row["body"])
            return found

        events = "SELECT seq, kind, change, at, body FROM event WHERE seq > ? ORDER BY seq"
        audit = "SELECT number, by, act, body FROM audit WHERE number > ? ORDER BY number"
        found = {
            "events": rows(events, after_event),
            "audit": rows(audit, after_audit),
            "holds": rows("SELECT id, ended_at, body FROM hold"),
            "shifts": rows("SELECT from_ms FROM duty_shift WHERE over_at IS NULL"),
            "wrong_views": rows(WRONG_VIEWS),
        }
        db.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
