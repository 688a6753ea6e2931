"""History of a station as a pandas table: hourly maxima and completeness of some channels.

    SISKIN_TOKEN=siskin_… python history.py http://127.0.0.1:8080 --hours 24 --channels at-101-cl2,at-102-cl2

Reads the stream of stored readings (NDJSON) with nothing but the standard library and pandas. With
matplotlib installed, `--plot history.png` saves a curve too.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import pandas as pd

CONNECT_S_MAX = 30
# Only these say something about the air; calibration gas and faults do not.
JUDGED = ["good", "uncertain", "over-range"]


def opened(station: str, path: str, **query):
    """An open answer of the API; a problem document ends the program with its text."""
    query = {name: value for name, value in query.items() if value is not None}
    url = f"{station.rstrip('/')}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    # A token of a person, made on the page or with `siskin people token`; never on a command line.
    token = os.environ.get("SISKIN_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)
    try:
        return urllib.request.urlopen(request, timeout=CONNECT_S_MAX)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        sys.exit(f"{problem['title']}: {problem['detail']}\n{problem['detail_zh']}")


def readings(station: str, from_ms: int, to_ms: int, channels: str | None) -> tuple:
    """All stored readings of a range, and the units of the channels."""
    rows, end = [], None
    with opened(station, "records", from_ms=from_ms, to_ms=to_ms, channels=channels) as lines:
        for line in lines:
            row = json.loads(line)
            if "complete" in row:
                end = row
            else:
                rows.append(row)
    # A stream without its last line was cut: never take it for the whole.
    if end is None:
        sys.exit("the stream was cut; ask again")
    if not end["complete"] or end["readings"] != len(rows):
        sys.exit(f"the stream is not whole: {end.get('error', end)}")
    columns = ["channel", "measured_at_ms", "received_at_ms", "value", "quality", "origin"]
    frame = pd.DataFrame(rows, columns=columns)
    for name in ["measured_at", "received_at"]:
        frame[name] = pd.to_datetime(frame.pop(f"{name}_ms"), unit="ms", utc=True)
    return frame, {count["channel"]: count["unit"] for count in end["channels"]}


def completeness(station: str, from_ms: int, to_ms: int, channel: str) -> pd.DataFrame:
    """What the station itself says about each hour of a channel."""
    path = f"channels/{urllib.parse.quote(channel)}/completeness"
    with opened(station, path, from_ms=from_ms, to_ms=to_ms) as answer:
        hours = json.load(answer)["hours"]
    frame = pd.DataFrame(hours, columns=["at_ms", "expected", "received", "good", "percent"])
    frame["hour"] = pd.to_datetime(frame.pop("at_ms"), unit="ms", utc=True)
    return frame.assign(channel=channel)


def by_hour(frame: pd.DataFrame, complete: pd.DataFrame) -> pd.DataFrame:
    """One line a channel and hour: the highest reading, how many came late, how complete."""
    hour = frame["measured_at"].dt.floor("h").rename("hour")
    air = frame["value"].where(frame["quality"].isin(JUDGED)).astype("float64")
    late = (frame["received_at"] - frame["measured_at"]) > pd.Timedelta(minutes=1)
    table = frame.assign(air=air, late=late).groupby(["channel", hour]).agg(
        max=("air", "max"), readings=("quality", "size"), late=("late", "sum")
    )
    joined = complete.set_index(["channel", "hour"]).join(table)
    counts = ["readings", "late"]
    joined[counts] = joined[counts].fillna(0).astype("int64")
    return joined[["max", "readings", "late", "expected", "received", "good", "percent"]]


def plot(frame: pd.DataFrame, path: str) -> None:
    try:
        import matplotlib
    except ImportError:
        print("no plot: matplotlib is not installed")
        return
    matplotlib.use("Agg")
    air = frame[frame["quality"].isin(JUDGED)]
    curves = air.pivot(index="measured_at", columns="channel", values="value")
    curves.plot(figsize=(12, 5)).figure.savefig(path)
    print(f"plot: {path}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("station", help="for example http://127.0.0.1:8080")
    arguments.add_argument("--hours", type=float, default=1.0)
    arguments.add_argument("--channels", help="ids with commas between them; all if not given")
    arguments.add_argument("--plot", help="file to save a curve to")
    given = arguments.parse_args()
    to_ms = int(time.time() * 1000)
    from_ms = to_ms - int(given.hours * 3_600_000)
    frame, units = readings(given.station, from_ms, to_ms, given.channels)
    print(f"{len(frame)} readings of {len(units)} channels")
    hours = [completeness(given.station, from_ms, to_ms, channel) for channel in units]
    table = by_hour(frame, pd.concat(hours)).reset_index()
    table.insert(2, "unit", table["channel"].map(units))
    print(table.to_string(index=False, float_format=lambda number: f"{number:.2f}"))
    if given.plot:
        plot(frame, given.plot)


if __name__ == "__main__":
    main()
