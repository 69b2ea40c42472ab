#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The specification's JSON schemas (tests/decode/schema).

schema.py validate SCHEMA FILE   whether the JSON file is as the schema wants it; says what is not
schema.py properties SCHEMA      the JSON pointer of every property, one a line; * stands for any item or name

It knows what those schemas use of JSON Schema, and fails on any other keyword.
"""
import json
import os
import re
import sys

KNOWN = {
    "$ref", "$schema", "additionalProperties", "allOf", "anyOf", "description", "definitions", "enum", "id", "items", "maxItems", "maximum",
    "minItems", "minLength", "minimum", "not", "oneOf", "pattern", "patternProperties", "properties", "propertyNames", "required", "type",
    "uniqueItems", "title",
}
TYPES = {
    "array": lambda v: isinstance(v, list),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "null": lambda v: v is None,
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "object": lambda v: isinstance(v, dict),
    "string": lambda v: isinstance(v, str),
}


class Schema:
    """A node of a schema, and the file that it stands in."""

    files = {}

    def __init__(self, path, node=None):
        self.path = path
        if path not in self.files:
            # the files about other systems are not kept here: of those anything goes
            self.files[path] = {}
            if path == sys.argv[2] or os.path.exists(path):
                with open(path, encoding="utf-8") as text:
                    self.files[path] = json.load(text)
        self.node = self.files[path] if node is None else node

    def sub(self, node):
        return Schema(self.path, node)

    def resolve(self):
        schema = self
        while "$ref" in schema.node:
            name, _, pointer = schema.node["$ref"].partition("#")
            path = os.path.join(os.path.dirname(schema.path), name) if name else schema.path
            schema = Schema(path)
            for part in pointer.strip("/").split("/"):
                if part:
                    schema = schema.sub(schema.node.get(part.replace("~1", "/").replace("~0", "~"), {}))
        return schema


def matches(schema, value):
    return not list(errors(schema, value, ""))


def combined(node, schema, value, at):
    for part in node.get("allOf", []):
        yield from errors(schema.sub(part), value, at)
    if "anyOf" in node and not any(matches(schema.sub(p), value) for p in node["anyOf"]):
        yield "%s: is none of what it may be" % at
    if "oneOf" in node and sum(matches(schema.sub(p), value) for p in node["oneOf"]) != 1:
        yield "%s: is not exactly one of what it may be" % at
    if "not" in node and matches(schema.sub(node["not"]), value):
        yield "%s: is what it must not be" % at


def simple(node, value, at):
    types = node.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(TYPES[t](value) for t in types):
        yield "%s: expected %s" % (at, " or ".join(types))
    if "enum" in node and value not in node["enum"]:
        yield "%s: %r is not in the list" % (at, value)
    if isinstance(value, str) and not re.search(node.get("pattern", ""), value):
        yield "%s: does not match %s" % (at, node["pattern"])
    if isinstance(value, str) and len(value) < node.get("minLength", 0):
        yield "%s: too short" % at
    if TYPES["number"](value):
        if value < node.get("minimum", value) or value > node.get("maximum", value):
            yield "%s: %s is out of range" % (at, value)


def errors(schema, value, at):
    schema = schema.resolve()
    node = schema.node
    unknown = set(node) - KNOWN
    if unknown and "type" in node:
        raise SystemExit("schema.py: unknown keywords at %s: %s" % (at, ", ".join(sorted(unknown))))
    yield from simple(node, value, at)
    yield from combined(node, schema, value, at)
    if isinstance(value, list):
        if len(value) < node.get("minItems", 0) or len(value) > node.get("maxItems", len(value)):
            yield "%s: the wrong number of items" % at
        if "items" in node:
            for i, item in enumerate(value):
                yield from errors(schema.sub(node["items"]), item, "%s/%d" % (at, i))
    if isinstance(value, dict):
        for name in node.get("required", []):
            if name not in value:
                yield "%s: %s is missing" % (at, name)
        for name, item in value.items():
            parts = [p for p in [node.get("properties", {}).get(name)] if p is not None]
            parts += [p for pattern, p in node.get("patternProperties", {}).items() if re.search(pattern, name)]
            if not parts and isinstance(node.get("additionalProperties"), dict):
                parts = [node["additionalProperties"]]
            if not parts and node.get("additionalProperties") is False:
                yield "%s/%s: unknown" % (at, name)
            for part in parts:
                yield from errors(schema.sub(part), item, "%s/%s" % (at, name))


def properties(schema, at, seen):
    schema = schema.resolve()
    node = schema.node
    if id(node) in seen:
        return
    seen = seen | {id(node)}
    for name, part in node.get("properties", {}).items():
        yield "%s/%s" % (at, name)
        yield from properties(schema.sub(part), "%s/%s" % (at, name), seen)
    many = [node[k] for k in ("items", "additionalProperties") if isinstance(node.get(k), dict)]
    for part in many + list(node.get("patternProperties", {}).values()):
        yield from properties(schema.sub(part), at + "/*", seen)
    for word in ("allOf", "anyOf", "oneOf"):
        for part in node.get(word, []):
            yield from properties(schema.sub(part), at, seen)


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "validate":
        with open(sys.argv[3], encoding="utf-8") as text:
            found = list(errors(Schema(sys.argv[2]), json.load(text), ""))
        print("\n".join(found))
        sys.exit(1 if found else 0)
    if len(sys.argv) == 3 and sys.argv[1] == "properties":
        print("\n".join(dict.fromkeys(properties(Schema(sys.argv[2]), "", frozenset()))))
        sys.exit(0)
    sys.exit(__doc__)


main()
