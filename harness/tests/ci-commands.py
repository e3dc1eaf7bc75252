#!/usr/bin/python3
# From the CI files, by a YAML parser that is not ours: ci-commands.py commands FILE prints each command line,
# ci-commands.py patterns FILE the patterns of dmesg checks.
import sys

import yaml


def walk(node, key=None):
    if isinstance(node, dict):
        for k, v in node.items():
            yield from walk(v, k)
    elif isinstance(node, list):
        for v in node:
            yield from walk(v, key)
    else:
        yield key, str(node)


with open(sys.argv[2]) as f:
    doc = yaml.safe_load(f)
for key, text in walk(doc):
    if sys.argv[1] == "commands" and key in ("steps", "script", "run", "test") and "oomlab run" in text.replace(
            "./run.sh", "oomlab"):
        print(" ".join(text.split()))
    if sys.argv[1] == "patterns" and key == "failure-pattern":
        print(text)
