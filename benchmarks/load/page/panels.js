// What each part of the page shows, made from the rows that were received.

const RECENT_S = 5;
const SHARE = 1; // the column that a phone has no room for
const SUMMARY = [
  ["requests", "requests", count], ["requests_per_second", "requests per second", digits],
  ["p50_ms", "p50 of reads, ms", digits], ["p95_ms", "p95 of reads, ms", digits],
  ["failed", "failed requests", count], ["hit_ratio", "hit ratio", percent],
];
const READS = ["hit", "partial", "miss", "bypass", "unknown"];

const $ = (id) => document.getElementById(id);

function recent(rows) {
  return rows.slice(-RECENT_S);
}

function sum(rows, variant, key) {
  return rows.reduce((total, row) => total + (row.variants[variant]?.[key] ?? 0), 0);
}

/** A line of a chart: its points, its value at a second or shortly before, and the thin line of its tail. */
function line(name, style, points, tail = null) {
  const at = (second) => {
    const found = points.findLast((point) => point[0] <= second);
    return found && second - found[0] <= GAP_S ? found[1] : null;
  };
  return { name, style, points, tail, at };
}

function latencyLines(rows, variants) {
  const lines = [];
  for (const variant of variants)
    for (const outcome of READS) {
      const seen = rows.filter((row) => row.variants[variant]?.latency_ms[outcome]);
      if (!seen.length) continue;
      const name = nameOf(variants, variant, outcome), style = styleOf(variants, variant, outcome);
      const [p50, p95] = [0, 1].map((index) => seen
        .map((row) => [row.second, row.variants[variant].latency_ms[outcome][index]])
        .filter((point) => point[1] !== null));
      lines.push(line(name, style, p50, line(`${name} p95`, style, p95)));
    }
  return lines;
}

function ratioLines(rows, data) {
  // The same window as that of the tile, so that both show one number.
  const until = (index) => rows.slice(Math.max(0, index + 1 - RECENT_S), index + 1);
  return data.cacheable.map((variant) => line(variant, variantStyle(data.variants, variant), rows
    .map((row, index) => [row.second, until(index)])
    .filter(([, last]) => sum(last, variant, "reads"))
    .map(([second, last]) => [second, (100 * sum(last, variant, "hits")) / sum(last, variant, "reads")])));
}

function rateLines(rows, variants) {
  const all = (variant, key) => rows.map((row) => [row.second, row.variants[variant]?.[key] ?? 0]);
  const lines = variants.map((variant) =>
    line(variant, variantStyle(variants, variant), all(variant, "requests")));
  for (const variant of variants)
    if (rows.some((row) => row.variants[variant]?.failures))
      lines.push(line(`${variant}, failed`, STYLES.miss, all(variant, "failures")));
  return lines;
}

function labelOf(what, lines, last, unit) {
  const values = lines.filter((each) => each.at(last) !== null)
    .map((each) => `${each.name} ${unit(each.at(last))}`);
  return `${what} over time. Latest: ${values.join("; ") || "nothing yet"}. The table has the totals.`;
}

function showSpeedup({ speedup, flips, users, variants, state }) {
  $("speedup-tile").hidden = !speedup;
  if (!speedup) return;
  const { ratio, low, high, pairs } = speedup;
  const since = flips.length ? "the flag was flipped" : "the start or reset";
  const span = ratio === null ? "" : ` [${digits(low)}, ${digits(high)}]`;
  $("speedup").replaceChildren(ratio === null ? "-" : `${digits(ratio)}x`, element("small", {}, span));
  if (ratio === null && state === "running" && users < variants.length)
    $("speedup-about").textContent = `${count(users)} user loads one variant only: run at least ${variants.length}.`;
  else $("speedup-about").textContent = ratio === null
    ? `Needs 5 seconds in which both variants answered reads; there are ${pairs} since ${since}.`
    : `${speedup.reference} / ${speedup.variant} over the last ${pairs} seconds, with its 90 % interval. A live figure: fivefold compare gives the verdict.`;
}

function valueOf(text, name) {
  return element("p", {}, element("b", {}, text), name);
}

function showRatios(rows, data) {
  const last = recent(rows);
  $("ratios").replaceChildren(...data.cacheable.map((variant) => {
    const reads = sum(last, variant, "reads");
    return valueOf(reads ? percent(sum(last, variant, "hits") / reads) : "-", variant);
  }));
  const overall = data.cacheable.map((variant) => percent(data.hit_ratio[variant]));
  $("ratios-about").textContent = overall.length ? `${overall.join(", ")} since the start or reset` : "No cache has answered yet.";
}

function showRates(rows, data) {
  const last = recent(rows);
  $("rates").replaceChildren(...(last.length ? data.variants : []).map((variant) =>
    valueOf(digits(sum(last, variant, "requests") / last.length), variant)));
  const failures = data.totals.filter((row) => row.outcome === "failed")
    .reduce((total, row) => total + row.requests, 0);
  $("rates-about").textContent = failures ? `${count(failures)} failed` : rows.length ? "None failed" : "Nothing yet.";
  $("rates-about").classList.toggle("bad", failures > 0);
}

function showTotals(totals) {
  if (!totals.length) return;
  $("rows").replaceChildren(...totals.map((row, index) => {
    const same = index > 0 && totals[index - 1].variant === row.variant;
    const bad = row.outcome === "failed" && row.requests > 0;
    const cells = [count(row.requests), percent(row.share), row.mean_ms, row.p50_ms, row.p95_ms, row.p99_ms];
    return element("tr", same ? { class: "same" } : {},
      element("th", { scope: "row" }, row.variant),
      element("td", bad ? { class: "bad" } : {}, row.outcome),
      ...cells.map((cell, column) => element("td", { class: column === SHARE ? "number share" : "number" }, typeof cell === "string" ? cell : digits(cell))));
  }));
}

/** What the load was, from its end to the next start. */
function showSummary({ summary }) {
  $("summary").hidden = !summary;
  if (!summary) return;
  const { seconds, rows } = summary;
  $("summary-title").textContent = `The load ended after ${clock(seconds)}`;
  $("summary-head").replaceChildren(element("th", { scope: "col" }, "over all of it"), ...rows.map(
    (row) => element("th", { scope: "col", class: "number" }, row.variant)));
  const text = (value, unit, isRatio) => (value === null ? "-" : isRatio ? `${digits(value)}x` : unit(value));
  $("summary-rows").replaceChildren(...SUMMARY.map(([key, name, unit]) => element("tr", {},
    element("th", { scope: "row" }, name),
    ...rows.map((row, index) => element("td", { class: "number" }, text(row[key], unit, index > 1))))));
}

function showFlag(flag) {
  const known = flag.enabled !== null;
  $("flag").disabled = !flag.usable;
  $("flag").setAttribute("aria-checked", String(flag.enabled === true));
  $("flag-word").textContent = known ? (flag.enabled ? "on" : "off") : "-";
  const service = { off: "reads go to the database", on: "reads are answered from the cache" };
  const words = service[flag.state] || `the service says ${flag.state}`;
  $("flag-about").textContent = flag.message || `For the whole deployment: ${words} (epoch ${flag.epoch}).`;
  $("flag-about").classList.toggle("bad", Boolean(flag.message) && flag.usable);
}
