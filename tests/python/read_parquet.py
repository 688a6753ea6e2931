"""Reads an exported Parquet file with DuckDB and compares it with the CSV, value for value."""

import csv
import sys

import duckdb

COLUMNS = ["channel", "value", "unit", "quality", "origin", "analyzer", "area", "gas"]
SQL = f"""SELECT epoch_ms(measured_at), epoch_ms(received_at), {", ".join(COLUMNS)}
          FROM read_parquet(?)"""


def main(parquet: str, table: str) -> None:
    found = duckdb.execute(SQL, [parquet]).fetchall()
    with open(table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = []
    for row in rows:
        stamps = (int(row["measured_at_ms"]), int(row["received_at_ms"]))
        value = float(row["value"]) if row["value"] else None
        expected.append((*stamps, row["channel"], value, *(row[c] for c in COLUMNS[2:])))
    assert len(found) > 10, f"only {len(found)} rows"
    assert found == expected, "the Parquet file has other rows than the CSV"
    types = duckdb.execute("DESCRIBE SELECT * FROM read_parquet(?)", [parquet]).fetchall()
    kinds = {name: kind for name, kind, *_ in types}
    assert kinds["measured_at"] == "TIMESTAMP WITH TIME ZONE", kinds
    assert kinds["value"] == "DOUBLE" and kinds["channel"] == "VARCHAR", kinds
    print(f"{len(found)} rows are equal")


if __name__ == "__main__":
    main(*sys.argv[1:])
