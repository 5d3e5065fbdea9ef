// The leaderboard page: one data object, a chosen suite, a sorted table.

const D = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const AGENTS = D.overall.map(r => r.agent);
const COLOUR = Object.fromEntries(AGENTS.map((a, i) => [a, HUES[i % HUES.length]]));
const SUITES = Object.keys(D.setup.titles);
let suite = SUITES[0], sorted = "score", descending = true;

const percent = v => `${(100 * v).toFixed(1)} %`;
const fixed = digits => v => v === null ? "n/a" : v.toFixed(digits);
const short = v => v === 0 ? "0" : String(Number(v.toPrecision(3)));
const driven = r => r.episodes - r.failed;

// events in an exposure: what is shown, what is sorted by
function rate(count, exposure) {
  if (exposure <= 0) return {text: "n/a", value: 1e9, none: true};
  return count ? {text: short(count / exposure), value: count / exposure}
               : {text: `≤ ${short(3 / exposure)}`, value: 0, none: true};
}
const number = (key, show) => r => ({text: show(r[key]), value: r[key] ?? -1e9});
const hit = name => r => rate(r.collisions[name], r.km);
const event = key => r => rate(r[key], driven(r));

const COLUMNS = [
  ["agent", "agent", "", r => ({text: r.agent, value: r.agent})],
  ["score", "score", "random 0, expert 100", number("score", fixed(1))],
  ["replays", "replays", "best and worst episode", r => ({text: "", value: 0, links: D.links[`${r.agent} ${r.suite}`] || {}})],
  ["success", "success", "goal reached without a hard event", number("success", percent)],
  ["completion", "completion", "share of the route", number("completion", percent)],
  ["aircraft", "aircraft / km", "contacts per km", hit("aircraft")],
  ["person", "person / km", "contacts per km", hit("personnel")],
  ["vehicle", "vehicle / km", "contacts per km", hit("vehicle")],
  ["structure", "structure / km", "contacts per km", hit("structure")],
  ["incursions", "incursions", "runway incursions an episode", event("incursions")],
  ["crossings", "crossing viol.", "crossings without a clearance, an episode", event("crossing_violations")],
  ["blasts", "blast", "drives into a jet blast or an intake, an episode", event("blasts")],
  ["hard", "hard cost", "an episode", number("cost_hard", fixed(3))],
  ["soft", "soft cost", "an episode", number("cost_soft", fixed(4))],
  ["compliance", "compliance", "share of the ticks on which nothing was charged", number("compliance", percent)],
  ["speed", "m/s", "mean speed", number("speed_mps", fixed(2))],
  ["jerk", "jerk", "mean |jerk| while moving, m/s³", number("jerk_mean", fixed(2))],
  ["jerk95", "jerk 95 %", "95 % quantile of |jerk|, mean of the episodes, m/s³", number("jerk_p95", fixed(2))],
  ["lateral", "lateral", "mean |lateral acceleration| while moving, m/s²", number("lateral_mean", fixed(2))],
  ["lateral95", "lateral 95 %", "95 % quantile, mean of the episodes, m/s²", number("lateral_p95", fixed(2))],
  ["return", "return", "sum of the reward", number("return", fixed(1))],
  ["length", "length s", "mean time of an episode", number("length_s", fixed(0))],
  ["failed", "failed", "episodes without an action or with an untrue replay", number("failed", fixed(0))],
  ["ms", "ms / action", "wall clock; not part of the comparison", r => {
    const v = D.timings.ms_per_action[`${r.agent} ${r.suite}`];
    return {text: v.toFixed(3), value: v};
  }],
];

const rowsOf = name => D.suites.filter(r => r.suite === name);

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function nameCell(agent) {
  return el("td", {}, el("span", {class: "dot", style: `background:${COLOUR[agent]}`}), agent);
}

function drawOverall() {
  const rows = D.overall.map(r => ({name: r.agent, value: r.score, low: null, high: null, colour: COLOUR[r.agent],
    tip: [`${r.agent}: mean of ${r.suites} suites`, ...SUITES.map(s => {
      const row = rowsOf(s).find(q => q.agent === r.agent);
      return `${s}  ${fixed(1)(row.score)}`;
    })].join("\n")}));
  $("overall").replaceChildren(dotPlot(rows, {bars: true}));
  $("overall-card").hidden = SUITES.length < 2;
}

function drawSuite() {
  const rows = rowsOf(suite);
  $("suite-title").textContent = `${D.setup.titles[suite]} · ${rows[0].episodes} episodes an agent, ` +
    `seeds ${D.setup.seeds[suite][0]} to ${D.setup.seeds[suite].at(-1)}`;
  $("scores").replaceChildren(dotPlot(rows.map(r => ({name: r.agent, value: r.score, low: r.low, high: r.high,
    colour: COLOUR[r.agent], tip: `${r.agent}: ${fixed(1)(r.score)}  (${fixed(1)(r.low)} … ${fixed(1)(r.high)})`}))));
  $("tradeoff").replaceChildren(scatter(rows.filter(r => r.cost_hard !== null).map(r => {
    const x = Math.min(1, r.cost_hard);
    return {name: r.agent, x, y: r.completion, colour: COLOUR[r.agent],
            tip: `${r.agent}: ${percent(r.completion)} of the route, ${r.cost_hard.toFixed(3)} hard events an episode`};
  }), "hard events an episode →", "route completion"));
}

function drawTable() {
  const read = COLUMNS.find(c => c[0] === sorted)[3];
  const rows = rowsOf(suite).map(r => [read(r).value, r]).sort((a, b) => {
    const order = typeof a[0] === "string" ? a[0].localeCompare(b[0]) : a[0] - b[0];
    return descending ? -order : order;
  }).map(pair => pair[1]);
  const head = el("tr");
  for (const [key, title, words] of COLUMNS) {
    const cell = el("th", {"data-key": key, title: words, scope: "col"}, title);
    if (key === sorted) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
    cell.onclick = () => { descending = key === sorted ? !descending : key !== "agent"; sorted = key; drawTable(); };
    head.append(cell);
  }
  $("table").tHead.replaceChildren(head);
  $("table").tBodies[0].replaceChildren(...rows.map(r => el("tr", {"data-agent": r.agent}, ...COLUMNS.map(([key, , , cell]) => {
    if (key === "agent") return nameCell(r.agent);
    const {text, none, links} = cell(r);
    const node = el("td", none ? {class: "none"} : {}, text);
    for (const [which, link] of Object.entries(links || {}))
      node.append(el("a", {href: link.href, title: `${link.entry}, seed ${link.seed}, worth ${link.worth.toFixed(2)}`}, which));
    return node;
  }))));
}

function drawHeat() {
  const measure = $("measure").value, rows = D.entries.filter(r => r.suite === suite);
  const agents = rowsOf(suite).map(r => r.agent), entries = [...new Set(rows.map(r => r.entry))];
  const top = measure === "cost" ? Math.max(1e-9, ...rows.map(r => r.cost ?? 0)) : 1;
  const body = entries.map(entry => el("tr", {}, el("td", {}, entry), ...agents.map(agent => {
    const row = rows.find(r => r.entry === entry && r.agent === agent), value = row[measure];
    if (value === null) return el("td", {class: "none"}, "n/a");
    const good = measure === "cost" ? 1 - Math.min(1, value / Math.min(1, top)) : value;
    const colour = good >= .5 ? `rgba(var(--good), ${(good - .5) * 1.3 + .03})` : `rgba(var(--bad), ${(.5 - good) * 1.3 + .03})`;
    const text = measure === "success" || measure === "completion" ? `${Math.round(100 * value)} %` : value.toFixed(2);
    return el("td", {style: `background:${colour}`, "data-tip": `${agent} on ${entry}\nsuccess ${percent(row.success)}\n` +
      `completion ${percent(row.completion)}\ncost ${fixed(3)(row.cost)}\nfailed ${row.failed}`}, text);
  })));
  $("heat").replaceChildren(el("tr", {}, el("th", {}, "scenario"), ...agents.map(a => el("th", {}, a))), ...body);
}

function drawFailed() {
  $("failed-card").hidden = D.failures.length === 0;
  $("failed").tHead.replaceChildren(el("tr", {}, ...["agent", "suite", "scenario", "episodes", "reason"].map(t => el("th", {}, t))));
  $("failed").tBodies[0].replaceChildren(...D.failures.map(([agent, s, entry, reason, count]) =>
    el("tr", {}, nameCell(agent), ...[s, entry, String(count), reason].map(t => el("td", {}, t)))));
}

function choose(name) {
  suite = name;
  for (const button of $("suites").children) button.setAttribute("aria-pressed", String(button.textContent === suite));
  drawSuite();
  drawTable();
  drawHeat();
}

function setUp() {
  const p = D.provenance;
  $("source").textContent = `airside_sim ${p.versions.airside_sim} · commit ${p.commit.slice(0, 12)}${p.dirty ? " with local changes" : ""}` +
    ` · ${p.hardware.cpu} · every number comes from replays that were played again`;
  const w = D.setup.weights, part = Object.entries(w).map(([k, v]) => `${k.replaceAll("_", " ")} ${Math.round(100 * v)} %`);
  $("method").textContent = "An episode is worth gate × quality. The gate is 0 after contact with an aircraft, a person, a vehicle or a " +
    "structure, after driving into a jet blast or an intake, and after an unauthorised crossing or runway entry. Quality weighs " +
    part.join(", ") + "; all but progress count only along the share of the route that was driven. A suite's score is the " +
    "interquartile mean over its episodes, with random's at 0 and the expert's at 100; intervals come from resampled scenarios and episodes.";
  for (const name of SUITES) {
    const button = el("button", {type: "button"}, name);
    button.onclick = () => choose(name);
    $("suites").append(button);
  }
  $("measure").onchange = drawHeat;
  const root = document.documentElement;
  root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  $("theme").onclick = () => { root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"; };
  document.addEventListener("mousemove", e => {
    const marked = e.target.closest && e.target.closest("[data-tip]");
    $("tip").style.opacity = marked ? 1 : 0;
    if (!marked) return;
    $("tip").textContent = marked.dataset.tip;
    $("tip").style.left = `${Math.min(e.clientX + 14, innerWidth - 260)}px`;
    $("tip").style.top = `${e.clientY + 14}px`;
  });
  drawOverall();
  drawFailed();
  choose(suite);
  document.body.dataset.ready = "1";
}
setUp();
