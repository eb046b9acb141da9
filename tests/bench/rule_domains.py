#!/usr/bin/env python3
"""Makes two JSONL domains on which single edits do not reach far, from public tables: the weather of a day in Seattle (five labels, four
numbers) and the country of a car (three labels, seven numbers). For comparing search strategies; hyperagent/search/README.md has the figures.

    npm pack vega-datasets@2.11.0 && tar xf vega-datasets-2.11.0.tgz
    tests/bench/rule_domains.py package/data OUT
    build/bin/hyperagent run --domain OUT/weather --search dgmh --seed 1 --max-candidates 800 --run RUN
"""
import csv
import json
import pathlib
import random
import sys


def write(folder, rows, target, question):
    """Half of the rows train, a quarter each val and test; rows that read alike are kept once."""
    random.Random(7).shuffle(rows)
    first = {}
    for row in rows:
        first.setdefault(json.dumps({name: value for name, value in row.items() if name != target}), row)
    rows = list(first.values())
    for number, row in enumerate(rows):
        row["id"] = f"{folder.name}{number}"
    folder.mkdir(parents=True, exist_ok=True)
    half, three_quarters = len(rows) // 2, len(rows) * 3 // 4
    for split, part in {"train": rows[:half], "val": rows[half:three_quarters], "test": rows[three_quarters:]}.items():
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part))
    domain = {
        "name": folder.name,
        "description": question,
        "target": target,
        "labels": sorted({row[target] for row in rows}),
        "grading": {"kind": "label"},
        "input": [{"name": name, "type": "number"} for name in rows[0] if name not in (target, "id")],
        "first_stage": 64,
    }
    (folder / "domain.json").write_text(json.dumps(domain, indent=1))
    print(f"{folder}: {len(rows)} rows")


def weather(data):
    columns = {"precipitation": "precipitation", "warmest": "temp_max", "coldest": "temp_min", "wind": "wind"}
    with open(data / "seattle-weather.csv") as table:
        return [{**{name: float(row[column]) for name, column in columns.items()}, "weather": row["weather"]} for row in csv.DictReader(table)]


def cars(data):
    columns = {"mpg": "Miles_per_Gallon", "cylinders": "Cylinders", "displacement": "Displacement", "power": "Horsepower",
               "weight": "Weight_in_lbs", "acceleration": "Acceleration"}
    rows = json.loads((data / "cars.json").read_text())
    rows = [row for row in rows if all(row[column] is not None for column in columns.values())]
    return [{**{name: row[column] for name, column in columns.items()}, "year": int(row["Year"][:4]), "origin": row["Origin"]} for row in rows]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    data, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    write(out / "weather", weather(data), "weather", "What was the weather of a day in Seattle?")
    write(out / "cars", cars(data), "origin", "Where was a car built?")
