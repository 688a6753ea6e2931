"""Reads a text of metrics by Prometheus's own parser and prints its samples as JSON.

Fails where a family has no help, no type or no sample, and where a sample comes twice.
"""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
assert text.endswith("\n"), "the last line has no end"
samples = {}
for family in text_string_to_metric_families(text):
    assert family.documentation, f"{family.name} has no help"
    assert family.type in ("counter", "gauge"), f"{family.name} is {family.type}"
    assert family.samples, f"{family.name} has no sample"
    for sample in family.samples:
        labels = ",".join(f"{key}={word}" for key, word in sorted(sample.labels.items()))
        key = f"{sample.name}{{{labels}}}" if labels else sample.name
        assert key not in samples, f"{key} twice"
        samples[key] = sample.value
print(json.dumps(samples))
