// Lines over time as SVG: drawn anew each second, as large as the window gives.

const MARGIN = { top: 20, right: 10, bottom: 24, left: 40 };
const GAP_S = 3; // a line does not go on over a longer silence
const MIDDLE = 0.5; // what a second holds is drawn at its middle

/** Round values from low to high on a logarithmic axis, fewer where there are many decades. */
function logTicks(low, high) {
  const steps = high / low > 3000 ? [1] : high / low > 100 ? [1, 3] : [1, 2, 5];
  const ticks = [];
  for (let power = -4; power <= 6; power += 1)
    for (const step of steps) ticks.push(step * 10 ** power);
  return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
}

function linearTicks(high) {
  const rough = high / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  return Array.from({ length: Math.floor(high / step + 1.001) }, (_, index) => index * step);
}

function timeStep(seconds, places) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  return steps.find((step) => seconds / step <= places) || 7200;
}

function pointsOf(chart) {
  return chart.series.flatMap((line) => [...line.points, ...(line.tail?.points ?? [])]);
}

/** Where values are on the canvas: x in seconds, y logarithmic or from zero. */
function scales(chart, box, from, to) {
  const values = pointsOf(chart).map((point) => point[1]);
  const width = box.width - MARGIN.left - MARGIN.right;
  const height = box.height - MARGIN.top - MARGIN.bottom;
  const x = (second) => MARGIN.left + ((second - from) / Math.max(1, to - from)) * width;
  if (chart.logarithmic) {
    const low = Math.min(...values) / 1.25, high = Math.max(...values) * 1.25;
    const y = (value) => MARGIN.top + (Math.log(high / value) / Math.log(high / low)) * height;
    return { x, y, ticks: logTicks(low, high) };
  }
  const high = chart.highest || Math.max(1, ...values) * 1.1;
  return { x, y: (value) => MARGIN.top + (1 - value / high) * height, ticks: linearTicks(high) };
}

function pathOf(points, scale) {
  let before = -Infinity;
  const parts = points.map(([second, value]) => {
    const letter = second - before > GAP_S ? "M" : "L";
    before = second;
    const point = `${scale.x(second + MIDDLE).toFixed(1)} ${scale.y(value).toFixed(1)}`;
    // A lone point is a line of no length, which a round cap makes a dot.
    return letter === "M" ? `M${point}L${point}` : `L${point}`;
  });
  return parts.join("");
}

function stroke(style, thin) {
  return {
    stroke: `var(--${style.tone})`,
    "stroke-width": thin ? 1 : 2.25,
    "stroke-dasharray": style.dash,
    ...(thin ? { opacity: 0.8 } : {}),
  };
}

function axes(chart, scale, box, from, to) {
  const drawn = [];
  const right = box.width - MARGIN.right, bottom = box.height - MARGIN.bottom;
  for (const tick of scale.ticks) {
    const y = scale.y(tick).toFixed(1);
    drawn.push(element("line", { x1: MARGIN.left, x2: right, y1: y, y2: y, stroke: "var(--grid)" }));
    const label = `${Number(tick.toPrecision(3))}`;
    drawn.push(element("text", { x: MARGIN.left - 8, y, dy: "0.35em", "text-anchor": "end" }, label));
  }
  const step = timeStep(to - from, Math.max(2, (right - MARGIN.left) / 80));
  for (let second = Math.ceil(from / step) * step; second <= to; second += step) {
    const x = scale.x(second).toFixed(1);
    drawn.push(element("line", { x1: x, x2: x, y1: bottom, y2: bottom + 4, stroke: "var(--edge)" }));
    drawn.push(element("text", { x, y: bottom + 18, "text-anchor": "middle" }, clock(second)));
  }
  drawn.push(element("line", { x1: MARGIN.left, x2: right, y1: bottom, y2: bottom, stroke: "var(--edge)" }));
  return drawn;
}

/** A vertical line where the flag was flipped. */
function flipMarks(flips, scale, box, from, to) {
  return flips.filter((flip) => flip.second >= from && flip.second <= to).flatMap((flip) => {
    const x = scale.x(flip.second).toFixed(1);
    const end = scale.x(flip.second) > box.width - 80;
    return [
      element("line", {
        class: "flip", x1: x, x2: x, y1: 4, y2: box.height - MARGIN.bottom,
        stroke: "var(--ink)", "stroke-width": 1.25,
      }),
      element("text", {
        class: "mark", x, y: 12, dx: end ? -6 : 6, "text-anchor": end ? "end" : "start",
      }, flip.enabled ? "flag on" : "flag off"),
    ];
  });
}

/** Draw a chart into its container. */
function draw(container, chart, flips) {
  const box = { width: container.clientWidth, height: container.clientHeight };
  const svg = element("svg", {
    viewBox: `0 0 ${box.width} ${box.height}`, role: "img", "aria-label": chart.label,
  });
  container.replaceChildren(svg);
  if (!pointsOf(chart).length) {
    svg.append(
      element("rect", { width: box.width, height: box.height - 6, rx: 6, fill: "var(--band)" }),
      element("text", { x: box.width / 2, y: box.height / 2, "text-anchor": "middle" }, chart.empty),
    );
    return;
  }
  const scale = scales(chart, box, chart.from, chart.to);
  svg.append(...axes(chart, scale, box, chart.from, chart.to));
  for (const thin of [true, false])
    for (const line of chart.series.map((each) => (thin ? each.tail : each)).filter(Boolean))
      svg.append(element("path", {
        d: pathOf(line.points, scale), "data-line": line.name, ...stroke(line.style, thin),
      }));
  svg.append(...flipMarks(flips, scale, box, chart.from, chart.to));
}

/** Name the lines, with their latest value and that of their tail. */
function legend(container, chart, unit) {
  const items = chart.series.map((line) => {
    const sample = element("svg", { viewBox: "0 0 36 10", "aria-hidden": "true" });
    sample.append(element("path", { d: "M1 5H35", ...stroke(line.style, false) }));
    const value = line.at(chart.last), tail = line.tail && value !== null ? line.tail.at(chart.last) : undefined;
    const more = tail === undefined ? "" : `, p95 ${tail === null ? "-" : unit(tail)}`;
    return element("li", {}, sample, `${line.name} `, element("b", {}, value === null ? "" : unit(value)), more);
  });
  container.replaceChildren(...items);
}
