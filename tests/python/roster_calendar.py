"""Reads and writes rosters with a third party's iCalendar library.

Usage: roster_calendar.py read FILE.ics; prints one JSON list of events.
       roster_calendar.py write FILE.ics < EVENTS.json; writes what `read` gives.
"""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from icalendar import Calendar, Event


def read(path: Path) -> list:
    calendar = Calendar.from_ical(path.read_bytes())
    assert calendar["VERSION"] == "2.0" and calendar["PRODID"], calendar
    events = []
    for event in calendar.walk("VEVENT"):
        assert not event.errors, event.errors
        begin, end = event["DTSTART"].dt, event["DTEND"].dt
        events.append({
            "uid": str(event["UID"]),
            "from_ms": int(begin.timestamp() * 1000),
            "to_ms": int(end.timestamp() * 1000),
            "summary": str(event["SUMMARY"]),
        })
    return events


def write(path: Path, events: list) -> None:
    calendar = Calendar()
    calendar.add("prodid", "-//e2e//roster//")
    calendar.add("version", "2.0")
    for one in events:
        event = Event()
        event.add("uid", one["uid"])
        event.add("dtstamp", datetime.now(timezone.utc))
        event.add("dtstart", datetime.fromtimestamp(one["from_ms"] / 1000, timezone.utc))
        event.add("dtend", datetime.fromtimestamp(one["to_ms"] / 1000, timezone.utc))
        event.add("summary", one["summary"])
        calendar.add_component(event)
    path.write_bytes(calendar.to_ical())


def main() -> None:
    act, path = sys.argv[1], Path(sys.argv[2])
    if act == "read":
        print(json.dumps(read(path), ensure_ascii=False))
    else:
        write(path, json.load(sys.stdin))


main()
