"use strict";
// Numbers and lines, the same everywhere on the page.

const STYLES = {
  hit: { tone: "blue", dash: "" },
  partial: { tone: "green", dash: "9 3 2 3" },
  miss: { tone: "vermilion", dash: "2 4" },
  bypass: { tone: "purple", dash: "10 3 2 3 2 3" },
  unknown: { tone: "orange", dash: "4 4" },
};
const REFERENCE = { tone: "gray", dash: "7 4" };
const WORDS = { partial: "partial hit", bypass: "bypass", unknown: "outcome unknown" };

/** Three significant digits, whatever the size. */
function digits(value) {
  if (value === null || value === undefined) return "-";
  // Rounded first, so that 9.996 has the digits of 10.0.
  const rounded = Number(value.toPrecision(3));
  if (rounded >= 100) return value.toFixed(0);
  if (rounded >= 10) return value.toFixed(1);
  return rounded >= 1 ? value.toFixed(2) : value.toFixed(3);
}

function count(value) {
  return value.toLocaleString("en").replaceAll(",", "\u00a0");
}

function percent(share) {
  return share === null ? "-" : `${(100 * share).toFixed(1)}\u00a0%`;
}

/** Seconds as minutes and seconds. */
function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The first of two variants is the reference: it looks the same wherever it is drawn. */
function isReference(variants, variant) {
  return variants.length > 1 && variant === variants[0];
}

function styleOf(variants, variant, outcome) {
  if (isReference(variants, variant) && outcome === "bypass") return REFERENCE;
  return STYLES[outcome] || STYLES.unknown;
}

function variantStyle(variants, variant) {
  return isReference(variants, variant) ? REFERENCE : STYLES.hit;
}

function nameOf(variants, variant, outcome) {
  if (isReference(variants, variant) && outcome === "bypass") return variant;
  const word = WORDS[outcome] || outcome;
  return variants.length > 1 ? `${variant}, ${word}` : word;
}

/** An element with attributes and children; texts become text nodes, never markup. */
function element(name, attributes = {}, ...children) {
  const svg = ["svg", "path", "line", "text", "g", "rect"].includes(name);
  const made = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
