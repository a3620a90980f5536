// Ask each second what is new, and keep showing what there is when nobody answers.

const EVERY_MS = 1000;
const PATIENCE_MS = 8000;
const FLAG_PATIENCE_MS = 25000; // a flip is answered when every process of the service knows
const REPEATED_S = 15; // the latest seconds may still change: workers report late
const FLAG_EVERY = 5;

const live = { generation: null, rows: new Map(), data: null, flipping: false, asked: 0, turn: 0 };

async function ask(path, options = {}, patience = PATIENCE_MS) {
  const answer = await fetch(path, { ...options, signal: AbortSignal.timeout(patience) });
  if (!answer.headers.get("content-type")?.includes("json")) throw new Error(`status ${answer.status}`);
  return answer.json();
}

function take(data) {
  const fresh = live.generation !== data.generation;
  if (fresh) live.rows.clear();
  live.generation = data.generation;
  for (const row of data.seconds) live.rows.set(row.second, row);
  live.data = data;
  return fresh;
}

async function poll() {
  const since = Math.max(0, Math.max(...live.rows.keys()) - REPEATED_S);
  // Of a new run everything is asked for once more: what was kept is over.
  if (take(await ask(`fivefold/data?since=${since}`)) && since > 0) take(await ask("fivefold/data?since=0"));
}

function chartOf(lines, { last, ...more }) {
  const span = Number($("window").value);
  const first = Math.min(...live.rows.keys(), last);
  const from = span ? Math.max(first, last + 1 - span) : first;
  const cut = (each) => each && { ...each, points: each.points.filter((point) => point[0] >= from), tail: cut(each.tail) };
  const series = lines.map(cut);
  return { series, from, to: Math.max(last + 1, from + 10), last, empty: "Nothing yet", ...more };
}

function showChart(id, what, lines, unit, more = {}) {
  const last = Math.max(0, ...live.rows.keys());
  const chart = chartOf(lines, { label: labelOf(what, lines, last, unit), last, ...more });
  draw($(id), chart, live.data.flips);
  legend($(`${id}-legend`), chart, unit);
}

function render() {
  if (!live.data) return;
  const rows = [...live.rows.values()].sort((one, other) => one.second - other.second);
  const data = live.data;
  $("title").textContent = data.variants.length > 1 ? `${capital(data.variants[1])} beside ${data.variants[0]}` : "What the load sees";
  showLoad(data);
  showSummary(data);
  showSpeedup(data);
  showRatios(rows, data);
  showRates(rows, data);
  showTotals(data.totals);
  const ms = (value) => `${digits(value)} ms`, share = (value) => `${value.toFixed(1)} %`;
  showChart("latency", "Latency of reads", latencyLines(rows, data.variants), ms, { logarithmic: true, empty: "Nothing yet: start the load above" });
  showChart("ratio", "Hit ratio", ratioLines(rows, data), share, { highest: 100, empty: "No cache has answered yet" });
  showChart("rate", "Requests per second", rateLines(rows, data.variants), digits);
}

function showState(error) {
  const state = error ? "no connection" : live.data.state;
  if ($("state").textContent !== state) $("state").textContent = state;
  $("state").className = `pill ${error ? "lost" : state}`;
  $("lost").hidden = !error;
  $("lost").textContent = error ? "Locust does not answer. What you see is the last that arrived; it goes on by itself." : "";
  if (!live.data) return;
  const { users, workers } = live.data;
  const userCount = `${users} ${users === 1 ? "user" : "users"}`;
  const parts = [clock(Math.max(0, ...live.rows.keys())), userCount];
  if (workers !== null) parts.push(`${workers} ${workers === 1 ? "worker" : "workers"}`);
  $("progress").textContent = parts.join(" \u00b7 ");
}

const RUNNING = ["running", "spawning"];

function showLoad({ state, users, workload }) {
  const runs = RUNNING.includes(state);
  $("start").textContent = runs ? "Stop" : "Start";
  $("users").disabled = runs;
  if (runs && users) $("users").value = users;
  $("workload").textContent = workload;
}

/** Start a load of so many users, or stop the one that runs. */
async function startOrStop(event) {
  event.preventDefault();
  const users = $("users").value;
  const form = new URLSearchParams({ user_count: users, spawn_rate: Math.min(users, 10) });
  let said = { success: false, message: "Locust does not answer." };
  try {
    const runs = RUNNING.includes(live.data?.state);
    said = await (runs ? ask("stop", { method: "POST" }) : ask("swarm", { method: "POST", body: form }));
  } catch { /* said is what is shown */ }
  $("load-about").textContent = said.success ? "" : said.message;
}

/** Ask for the flag, or flip it; of several answers only that to the latest question is shown. */
async function askFlag(options = {}) {
  live.asked += 1;
  const number = live.asked;
  let flag = { usable: true, enabled: null, message: "Locust does not say what the flag is." };
  try {
    flag = await ask("fivefold/flag", options, FLAG_PATIENCE_MS);
  } catch { /* the state above says whether Locust answers at all */ }
  if (number === live.asked) showFlag(flag);
}

async function flip() {
  if (live.flipping) return;
  live.flipping = true;
  $("flag").setAttribute("aria-busy", "true");
  $("flag-about").textContent = "Flipping: waiting until every process of the service knows.";
  const enabled = $("flag").getAttribute("aria-checked") !== "true";
  await askFlag({
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ enabled }),
  });
  live.flipping = false;
  $("flag").setAttribute("aria-busy", "false");
}

async function tick() {
  try {
    await poll();
    if (live.turn % FLAG_EVERY === 0 && !live.flipping) askFlag();
    live.turn += 1;
    render();
    showState(null);
  } catch (error) {
    showState(error);
  }
  setTimeout(tick, EVERY_MS);
}

function begin() {
  $("flag").addEventListener("click", flip);
  $("load").addEventListener("submit", startOrStop);
  $("window").addEventListener("change", render);
  new ResizeObserver(render).observe(document.body);
  tick();
}

begin();
