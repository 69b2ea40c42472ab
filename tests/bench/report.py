# SPDX-License-Identifier: Apache-2.0
"""report.py WORK OUT VERSIONS: what tests/bench/run measured, as a table, results.json, table.md and performance.svg."""
import html
import json
import os
import statistics
import sys

# line: (against whom, at most)
GOALS = {
    "run, default configuration": [("floor", 1.25), ("crun", 0.4)],
    "run, docker's configuration": [("crun", 0.4)],
    "run, docker's configuration, nothing cached": [("crun warm", 0.55)],
    "create, start, delete": [("crun", 0.4)],
    "exec in a running container": [("crun", 0.3)],
    "state": [("crun", 0.35)],
    "kill": [("crun", 0.35)],
    "--version": [("crun", 0.35)],
    "list of 1,000 containers": [("crun", 0.3)],
    "100 containers at once": [("crun", 0.5)],
    "the last 100 of 1,000 in a row": [("crun", 0.5), ("the first 100", 1.05)],
}
FIRST = {"the last 100 of 1,000 in a row": "the first 100 of 1,000 in a row"}
ORDER = list(GOALS)
COLOURS = {"floor": "#9a9a9a", "berth": "#1f77b4", "crun": "#e08e45", "runc": "#c5c5c5"}


def summary(values):
    values = sorted(values)
    return {"median": statistics.median(values), "p10": values[len(values) // 10], "p90": values[-1 - len(values) // 10], "n": len(values)}


def read(folder):
    lines = {}
    for name in os.listdir(folder):
        times, peaks, cpus = {}, {}, {}
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            for row in f:
                case, ns, peak, cpu = row.split("\t")
                times.setdefault(case, []).append(int(ns) / 1000)
                peaks.setdefault(case, []).append(int(peak))
                cpus.setdefault(case, []).append(int(cpu))
        if times:
            lines[name] = {c: summary(v) | {"peak_kib": max(peaks[c]), "cpu_us": statistics.median(cpus[c])} for c, v in times.items()}
    return lines


def reference(lines, line, against):
    """The case that a goal is a ratio of."""
    if against == "the first 100":
        return lines.get(FIRST[line], {}).get("berth")
    return lines[line].get(against)


def ratios(lines, line):
    found = []
    for against, goal in GOALS.get(line, []):
        base, berth = reference(lines, line, against), lines[line].get("berth")
        if base and berth:
            ratio = berth["median"] / base["median"]
            found.append({"against": against, "ratio": round(ratio, 3), "goal": goal, "met": ratio <= goal})
            if base["cpu_us"]:
                found[-1]["cpu_ratio"] = round(berth["cpu_us"] / base["cpu_us"], 3)
    return found


def say_ratio(r):
    cpu = f", {r['cpu_ratio']:.2f} in processor time" if "cpu_ratio" in r else ""
    return f"{r['ratio']:.2f} × {r['against']}{cpu} (≤ {r['goal']}){'' if r['met'] else ' missed'}"


def microseconds(us):
    return f"{us / 1000:.2f} ms" if us >= 1000 else f"{us:.0f} µs"


def table(lines, names, loads):
    cases = [c for c in ["floor", *names, "crun warm"] if any(c in l for l in lines.values())]
    rows = [["", *cases, "berth's ratio (goal)", "load"]]
    for line in sorted((l for l in lines if not l.startswith("curve")), key=lambda l: (ORDER.index(l) if l in ORDER else 99, l)):
        row = [line]
        for case in cases:
            c = lines[line].get(case)
            row.append(f"{microseconds(c['median'])} ({microseconds(c['p10'])}–{microseconds(c['p90'])})" if c else "")
        row.append("; ".join(say_ratio(r) for r in ratios(lines, line)))
        row.append(loads.get(line, ""))
        rows.append(row)
    return rows


def markdown(rows):
    out = ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
    return "\n".join(out + ["| " + " | ".join(r) + " |" for r in rows[1:]]) + "\n"


def fit(points):
    """Least squares: microseconds at zero, and for each one more."""
    n, sx, sy = len(points), sum(x for x, _ in points), sum(y for _, y in points)
    sxx, sxy = sum(x * x for x, _ in points), sum(x * y for x, y in points)
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx) if n > 1 else 0
    return {"at_zero_us": round((sy - slope * sx) / n, 1), "each_us": round(slope, 3)}


def curves(lines):
    found = {}
    for line, cases in lines.items():
        if line.startswith("curve, "):
            _, what, n = line.split(", ")
            for case, c in cases.items():
                found.setdefault(what, {}).setdefault(case, []).append((int(n), c["median"]))
    return {what: {case: {"points": sorted(p), **fit(p)} for case, p in sorted(cases.items())} for what, cases in sorted(found.items())}


def picture(lines, names):
    """Bars, each line's longest one as wide as the picture."""
    shown = [l for l in ORDER if l in lines]
    cases = ["floor", *names]
    left, width, bar, gap, y, out = 250, 480, 12, 16, 34, []
    for line in shown:
        longest = max(c["median"] for c in lines[line].values())
        out.append(f'<text x="{left - 10}" y="{y + 10}" text-anchor="end">{html.escape(line)}</text>')
        for case in cases:
            c = lines[line].get(case)
            if c:
                w = c["median"] / longest * width
                colour = COLOURS.get(case, "#8c6bb1")
                out.append(f'<rect x="{left}" y="{y}" width="{w:.1f}" height="{bar - 2}" fill="{colour}"/>')
                out.append(f'<text x="{left + w + 5:.1f}" y="{y + 9}" class="n">{case} {microseconds(c["median"])}</text>')
                y += bar
        y += gap
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 130}" height="{y}" font-family="sans-serif" font-size="12">'
            '<style>text{fill:#333}.n{font-size:10px}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>'
            f'<text x="{left}" y="18">medians; each line has its own scale, shorter is faster</text>')
    return head + "\n" + "\n".join(out) + "\n</svg>\n"


def main():
    work, out, versions = sys.argv[1:4]
    names = [v.split("\t")[0] for v in versions.splitlines()]
    lines = read(os.path.join(work, "measured"))
    with open(os.path.join(work, "loads"), encoding="utf-8") as f:
        loads = dict(row.rstrip("\n").split("\t") for row in f)
    result = {"versions": dict(v.split("\t") for v in versions.splitlines()), "unit": "µs", "lines": lines, "loads": loads,
              "goals": {l: ratios(lines, l) for l in lines if ratios(lines, l)}, "curves": curves(lines)}
    memory = os.path.join(work, "memory")
    if os.path.exists(memory):
        with open(memory, encoding="utf-8") as f:
            result["waiting_init_kib"] = {n: {"pss": int(pss), "peak": int(peak)} for n, pss, peak in (row.split("\t") for row in f)}
    rows = table(lines, names, loads)
    text = markdown(rows)
    for what, cases in result["curves"].items():
        for case, c in cases.items():
            text += f"\n{what}, {case}: {microseconds(c['at_zero_us'])} + {c['each_us']:.2f} µs each"
    for name, m in result.get("waiting_init_kib", {}).items():
        text += f"\nprocess that create leaves, {name}: peak {m['peak']} KiB, {m['pss']} KiB of its own share now"
    run = lines.get("run, default configuration", {})
    for name, c in run.items():
        text += f"\nrun, {name}: peak {c['peak_kib']} KiB, {microseconds(c['cpu_us'])} of processor time"
    print(text)
    with open(os.path.join(out, "results.json"), "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1, ensure_ascii=False)
    with open(os.path.join(out, "table.md"), "w", encoding="utf-8") as f:
        f.write(text + "\n")
    with open(os.path.join(out, "performance.svg"), "w", encoding="utf-8") as f:
        f.write(picture(lines, names))


main()
