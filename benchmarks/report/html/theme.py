"""The colors of the page as CSS variables, for light, for dark and for paper."""

from collections.abc import Mapping

from benchmarks.report.tones import TONES, Tone

MARKS: Mapping[str, Tone] = {
    "good": Tone("#00694c", "#4fd1a8"),
    "bad": Tone("#b02a1c", "#ff9a8a"),
    "open": Tone("#855600", "#e8bb62"),
    "link": Tone("#005f94", "#7cc4f0"),
}
"""Colors of words: what held, what did not, what is open, and what leads somewhere."""


def variables() -> str:
    """Return the rules; a reader who prints from a dark screen gets light paper."""
    tones = {**TONES, **MARKS}
    light = _block("light", {name: tone.light for name, tone in tones.items()})
    dark = _block("dark", {name: tone.dark for name, tone in tones.items()})
    return (
        f":root{light}\n@media (prefers-color-scheme:dark){{:root{dark}}}\n"
        f"@media print{{:root{light}}}\n"
    )


def _block(scheme: str, colors: Mapping[str, str]) -> str:
    lines = "".join(f"--{name}:{color};" for name, color in colors.items())
    return f"{{color-scheme:{scheme};{lines}}}"
