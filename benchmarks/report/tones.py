"""The colors of figures and pages, for light, for dark and for paper; nothing here draws."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tone:
    """A color on light and on dark paper."""

    light: str
    dark: str


# Okabe and Ito's hues, which people see apart who see colors differently; darker on light paper
# and lighter on dark paper where a line would have less than 3:1 contrast (WCAG 2.1, 1.4.11).
TONES: Mapping[str, Tone] = {
    "paper": Tone("#ffffff", "#14171a"),
    "ink": Tone("#1c2126", "#e8eaed"),
    "muted": Tone("#59626b", "#a3adb7"),
    "grid": Tone("#e3e6e9", "#2c3238"),
    "band": Tone("#eceef1", "#262b31"),
    "edge": Tone("#8a939c", "#6f7983"),
    "blue": Tone("#0072b2", "#56b4e9"),
    "vermilion": Tone("#c75700", "#f08a3c"),
    "green": Tone("#008662", "#2fc49a"),
    "purple": Tone("#ad4f86", "#dd94bd"),
    "orange": Tone("#a36b00", "#e6b450"),
    "sky": Tone("#2f86bd", "#8fd0f5"),
    "gray": Tone("#4f5b66", "#b4bec8"),
}
"""Every color that a figure may use, by the name of its CSS variable."""

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
