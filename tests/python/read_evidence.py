"""Unpacks an evidence pack without Siskin, compares every sum and counts what is in it.

Usage: read_evidence.py PACK.zip; prints one JSON object. Fails where a sum is wrong, a file is not
in the manifest, or a line is no JSON.
"""

import csv
import hashlib
import io
import json
import sys
import xml.etree.ElementTree
import zipfile

MANIFEST = "MANIFEST.sha256"


def lines(pack: zipfile.ZipFile, name: str) -> list:
    return [json.loads(line) for line in pack.read(name).decode().splitlines()]


def main() -> None:
    with zipfile.ZipFile(sys.argv[1]) as pack:
        assert pack.testzip() is None, "a file of the archive is damaged"
        names = pack.namelist()
        assert len(names) == len(set(names)), "a name is there twice"
        stated = dict(
            reversed(line.split("  ", 1)) for line in pack.read(MANIFEST).decode().splitlines()
        )
        assert set(stated) == set(names) - {MANIFEST}, set(stated) ^ set(names)
        for name, expected in stated.items():
            found = hashlib.sha256(pack.read(name)).hexdigest()
            assert found == expected, f"{name}: {found}, the manifest says {expected}"
        readings = {}
        for name in names:
            if name.startswith("readings/"):
                text = io.StringIO(pack.read(name).decode())
                readings[name] = [row["measured_at_ms"] for row in csv.DictReader(text)]
        audit = lines(pack, "audit.ndjson")
        numbers = [row["number"] for row in audit]
        assert numbers == sorted(numbers) and all(len(row["hash"]) == 64 for row in audit)
        incident = json.loads(pack.read("incident.json"))
        for file in incident["incident"]["files"]:
            kept = pack.read("files/" + file["sha256"])
            assert hashlib.sha256(kept).hexdigest() == file["sha256"]
            assert len(kept) == file["bytes"]
        messages = lines(pack, "messages.ndjson")
        caps = {name for name in names if name.startswith("cap/")}
        keys = {f"cap/{one['warning']}.{one['transition']}.xml" for one in messages}
        assert caps == keys, caps ^ keys
        for name in caps:
            root = xml.etree.ElementTree.fromstring(pack.read(name))
            assert root.tag == "{urn:oasis:names:tc:emergency:cap:1.2}alert", root.tag
        summary = {
            "messages": messages,
            "receipts": lines(pack, "receipts.ndjson"),
            "checkpoint": json.loads(pack.read("audit-checkpoint.json")),
            "names": names,
            "readings": {name: len(stamps) for name, stamps in readings.items()},
            "first_ms": min(int(stamp) for stamps in readings.values() for stamp in stamps),
            "incident": incident,
            "entries": lines(pack, "entries.ndjson"),
            "warnings": lines(pack, "warnings.ndjson"),
            "alarms": lines(pack, "alarms.ndjson"),
            "audit": audit,
            "site_files": lines(pack, "site-files.ndjson"),
            "missing": lines(pack, "missing.ndjson"),
            "readme": pack.read("README.txt").decode(),
        }
    json.dump(summary, sys.stdout, ensure_ascii=False)


main()
