# SPDX-License-Identifier: Apache-2.0
"""Turns meson's testlog.json into TAP: a line per check where the program is libcheck's, else a line per program."""
import json
import re
import sys

CHECKS = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.M)
TAP = re.compile(r"^(not )?ok\b", re.M)
SKIPPED = re.compile(r"^skipped: (.*)", re.M)


def lines_of(test):
    """The TAP lines, without numbers, of one program."""
    name, out, result = test["name"], test.get("stdout") or "", test["result"]
    if result == "SKIP":
        return [f"ok N {name} # skip {out.strip().splitlines()[-1] if out.strip() else 'not here'}"], ""
    failed = result not in ("OK", "EXPECTEDFAIL")
    if TAP.search(out):
        own = [line for line in out.splitlines() if TAP.match(line)]
        lines = [re.sub(r"^(not )?ok\s*\d*", lambda m: (m[1] or "") + f"ok N {name}:", line) for line in own]
    else:
        checks = CHECKS.findall(out)
        total = sum(int(c[0]) for c in checks) or 1
        bad = sum(int(c[1]) + int(c[2]) for c in checks)
        skipped = SKIPPED.findall(out + (test.get("stderr") or ""))[: total - bad]
        lines = [f"ok N {name} {i + 1}" for i in range(total - bad - len(skipped))]
        lines += [f"ok N {name} # skip {reason}" for reason in skipped] + [f"not ok N {name}"] * bad
    if failed and not any(line.startswith("not") for line in lines):
        lines.append(f"not ok N {name} ({result}, exit status {test.get('returncode')})")
    output = out + (test.get("stderr") or "") if failed else ""
    return lines, "".join(f"# {line}\n" for line in output.splitlines())


def main():
    number = 0
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        for record in log:
            lines, output = lines_of(json.loads(record))
            for line in sorted(lines, key=lambda line: line.startswith("not")):
                number += 1
                print(line.replace("ok N ", f"ok {number} ", 1))
            sys.stdout.write(output)
    print(f"1..{number}")


main()
