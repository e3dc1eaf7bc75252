#!/usr/bin/python3
# Documents of oomlab before readers that are not ours: formats-check.py json SCHEMA FILE | ltp FILE |
# schema SCHEMA FILE | junit FILE RESULTS. Prints what is wrong and exits 1, or "ok".
import json
import sys
import xml.etree.ElementTree as ET


def close(schema):
    """No key that the schema does not tell of: here, unlike at a user's, one would be a gap in it."""
    if isinstance(schema, dict):
        if "properties" in schema or "patternProperties" in schema:
            schema["additionalProperties"] = False
        for v in schema.values():
            close(v)
    return schema


def check_schema(schema_file, file):
    import jsonschema
    with open(schema_file) as s, open(file, encoding="utf-8") as f:
        schema, doc = json.load(s), json.load(f)
    jsonschema.Draft7Validator.check_schema(schema)
    errors = jsonschema.Draft7Validator(close(schema)).iter_errors(doc)
    return ["/".join(map(str, e.path)) + ": " + e.message for e in errors]


def check_json(schema_file, file):
    """Results of a run: their counts hold as well."""
    with open(file, encoding="utf-8") as f:
        doc = json.load(f)
    counted = {v: sum(c["verdict"] == v.upper() for c in doc["cases"]) for v in doc["counts"]}
    return check_schema(schema_file, file) + (
        [] if counted == doc["counts"] else ["counts: %s, the cases say %s" % (doc["counts"], counted)])


def check_ltp(file):
    """The keys and types that kirk writes, and sums that hold."""
    test = {"command": str, "arguments": list, "log": str, "retval": list, "duration": float, "failed": int,
            "passed": int, "broken": int, "skipped": int, "warnings": int, "result": str}
    environment = {"distribution", "distribution_version", "kernel", "arch", "cpu", "swap", "RAM"}
    counts = ["passed", "failed", "broken", "skipped", "warnings"]
    with open(file, encoding="utf-8") as f:
        doc = json.load(f)
    wrong = []
    for r in doc["results"]:
        t = r["test"]
        if set(r) != {"test_fqn", "status", "test"} or {k: type(v) for k, v in t.items()} != test:
            wrong.append("%s: other keys or types" % r["test_fqn"])
        if r["status"] not in ("pass", "fail", "brok", "conf", "warn") or t["result"] != r["status"]:
            wrong.append("%s: status %s" % (r["test_fqn"], r["status"]))
        if not all(isinstance(v, str) and v.isdigit() for v in t["retval"]) or not t["retval"]:
            wrong.append("%s: retval %s" % (r["test_fqn"], t["retval"]))
    for k in counts:
        if doc["stats"][k] != sum(r["test"][k] for r in doc["results"]):
            wrong.append("stats: %s" % k)
    if set(doc["environment"]) != environment or not all(
            isinstance(v, str) and v for v in doc["environment"].values()):
        wrong.append("environment: %s" % doc["environment"])
    return wrong


def check_junit(file, results):
    """Counts that hold, and the same verdicts as the results it was made from."""
    root = ET.parse(file).getroot()
    with open(results, encoding="utf-8") as f:
        cases = json.load(f)["cases"]
    wrong = []
    words = {"failure": "FAIL", "error": "BROKEN", "skipped": "SKIP"}
    seen = [words.get(c[0].tag if len(c) else "", "PASS") for c in root.iter("testcase")]
    if sorted(seen) != sorted(c["verdict"] for c in cases):
        wrong.append("verdicts: %s" % seen)
    for suite in [root] + list(root.iter("testsuite")):
        n = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
        for k in suite.keys() & n.keys():
            if int(suite.get(k)) != len(list(suite.iter(n[k]))):
                wrong.append("%s: %s=%s" % (suite.get("name"), k, suite.get(k)))
    text = "".join(root.itertext()) + "".join(v for e in root.iter() for v in e.attrib.values())
    if any(ord(c) < 32 and c not in "\n\t" or 127 <= ord(c) < 160 for c in text):
        wrong.append("a control character")
    return wrong


checks = {"json": check_json, "schema": check_schema, "ltp": check_ltp, "junit": check_junit}
wrong = checks[sys.argv[1]](*sys.argv[2:])
print("\n".join(wrong) or "ok")
sys.exit(bool(wrong))
