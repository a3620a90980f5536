"""The sections that judge: wrong answers, verdicts, checks."""

from benchmarks.report.figures import MISSING, bounds, count, ms, times
from benchmarks.report.page import Entry, Section, Table
from benchmarks.report.results import Results, failed_guards

_FAILED = "failed: "


def coherence(results: Results) -> Section:
    """Return how many reads of each variant were checked, and how many were wrong."""
    found = results["coherence"]
    if not found:
        return Section("Wrong answers", ["No variant was probed."])
    method = (
        "After the measured blocks a few clients read and write the same users' data at once, "
        "with nothing broken. A read that began after a write was acknowledged must show it."
    )
    sentences = [method]
    sentences += [
        f"{entry['variant']}: stale reads: {count(entry['stale'])} of {count(entry['reads'])}. "
        "Its speed is bought with wrong answers."
        for entry in found
        if entry["stale"]
    ]
    sentences += [f"{entry['variant']}: {entry['first']}." for entry in found if entry["first"]]
    columns = ("reads", "hits", "writes", "stale", "backwards", "impossible", "errors")
    rows = [
        [
            entry["variant"],
            *(count(entry[name]) for name in columns),
        ]
        for entry in found
    ]
    return Section("Wrong answers", sentences, Table(("variant", *columns), rows))


def verdicts(results: Results) -> Section:
    """Return each claim's verdict in each regime."""
    margin = f"{results['arithmetic']['margin']:.0%}"
    texts = {verdict["claim"]: verdict["text"] for verdict in results["verdicts"]}
    sentences = [f"{claim}: {text}." for claim, text in texts.items()]
    sentences.append(
        f"A claim that something is so much is reproduced when the whole 90 % interval is within "
        f"{margin} of it (a speedup also when it is above), a claim of at least so much when the "
        "whole interval is there."
    )
    failed = {
        name: None
        for verdict in results["verdicts"]
        if verdict["qualifier"].startswith(_FAILED)
        for name in verdict["qualifier"].removeprefix(_FAILED).split(", ")
    }
    if failed:
        sentences.append(
            f"Inconclusive because a check failed ({', '.join(failed)}): nothing is decided by "
            "figures that cannot be trusted."
        )
    sentences += [
        f"{verdict['claim']}, {verdict['regime']}, {verdict['variant']}: {verdict['remark']}."
        for verdict in results["verdicts"]
        if verdict["remark"]
    ]
    rows = [
        [
            verdict["regime"],
            verdict["variant"],
            verdict["claim"],
            measured(verdict),
            decision(verdict),
        ]
        for verdict in results["verdicts"]
    ]
    headings = ("regime", "variant", "claim", "measured [90 %]", "verdict")
    return Section("Verdicts", sentences, Table(headings, rows) if rows else None)


def measured(verdict: Entry) -> str:
    """Return what was measured for a claim, with its interval."""
    if verdict["ratio"] is None:
        return MISSING
    if verdict["unit"] == "ms":
        interval = f"[{ms(verdict['low'])}, {ms(verdict['high'])}]"
        return f"{ms(verdict['ratio'])} ms {interval}"
    return f"{times(verdict['ratio'])} {bounds(verdict)}"


def decision(verdict: Entry) -> str:
    """Return a verdict with its qualifier; which checks failed is said once for all."""
    shown = verdict["qualifier"] and not verdict["qualifier"].startswith(_FAILED)
    qualifier = f" ({verdict['qualifier']})" if shown else ""
    return f"{verdict['verdict']}{qualifier}"


def checks(results: Results) -> Section:
    """Return what every check saw."""
    failed = failed_guards(results)
    passed = len(results["guards"]) - len(failed)
    sentences = [f"{passed} of {len(results['guards'])} checks passed."]
    sentences += [
        f"FAILED {check['name']} ({_where(check, results)}): {check['detail']}. {_advice(check)}"
        for check in failed
    ]
    rows = [
        [
            check["name"],
            _where(check, results),
            "passed" if check["passed"] else "FAILED",
            check["detail"],
        ]
        for check in results["guards"]
    ]
    table = Table(("check", "regime", "result", "seen"), rows) if rows else None
    return Section("Checks", sentences, table)


def _advice(check: Entry) -> str:
    advice = str(check["advice"])
    return advice[:1].upper() + advice[1:] + ("" if advice.endswith("?") else ".")


def _where(check: Entry, results: Results) -> str:
    if not check["scenario"]:
        return "the whole run"
    several = len(results.get("scenarios", ())) > 1
    return f"{check['scenario']}, {check['regime']}" if several else str(check["regime"])
