"""Sets back how far an uplink has come, as if its station had been off since then.

Usage: uplink_off_since.py DATA BUREAU (KIND UPTO_MS)...; the station must not run. What it has made
since it was started is forgotten: it was off.
"""

import sqlite3
import sys
from pathlib import Path

data, bureau, *since = sys.argv[1:]
with sqlite3.connect(Path(data) / "uplink.db") as db:
    db.execute("DELETE FROM message WHERE bureau = ?", (bureau,))
    for kind, upto in zip(since[::2], since[1::2], strict=True):
        sql = """INSERT INTO cursor (bureau, kind, upto) VALUES (?, ?, ?)
                 ON CONFLICT DO UPDATE SET upto = excluded.upto"""
        db.execute(sql, (bureau, kind, int(upto)))
db.close()
