// Small SVG plots: bars, dots with whiskers, a scatter. Every mark carries its words in data-tip.

const HUES = ["#4e79a7", "#e8822a", "#d1495b", "#3f9b8f", "#5a9f4a", "#c9a227", "#9a6fb0", "#e07a9b", "#8c6d54", "#7b8794",
              "#2f5d8a", "#b5651d"];

function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function label(x, y, text, attributes = {}) { return svg("text", {x, y, "dominant-baseline": "middle", ...attributes}, text); }

function ticks(low, high, count) {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(f => f * power).find(s => s >= raw);
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9; v += step) found.push(Math.round(v * 1e6) / 1e6);
  return found;
}

const LEFT = 128, RIGHT = 54, ROW = 27;

// rows: [{name, value, low, high, colour, tip}], drawn in order; low and high may be absent.
function dotPlot(rows, {bars = false, low = null, high = null} = {}) {
  const width = 620, height = rows.length * ROW + 30;
  const all = rows.flatMap(r => [r.value, r.low ?? r.value, r.high ?? r.value]).filter(v => v !== null);
  const from = low ?? Math.min(0, ...all), to = high ?? Math.max(100, ...all);
  const x = v => LEFT + (v - from) / (to - from) * (width - LEFT - RIGHT);
  const root = svg("svg", {viewBox: `0 0 ${width} ${height}`, role: "img"});
  for (const t of ticks(from, to, 6)) {
    root.append(svg("line", {x1: x(t), x2: x(t), y1: 0, y2: height - 26, class: t === 0 || t === 100 ? "zero" : "grid"}));
    root.append(label(x(t), height - 12, String(t), {"text-anchor": "middle", class: "dim"}));
  }
  rows.forEach((r, i) => {
    const y = i * ROW + ROW / 2;
    root.append(label(0, y, r.name));
    if (r.value === null) { root.append(label(x(0) + 8, y, "n/a", {class: "dim"})); return; }
    const group = svg("g", {"data-tip": r.tip});
    if (bars) group.append(svg("rect", {x: Math.min(x(0), x(r.value)), y: y - 7, height: 14, rx: 3, fill: r.colour,
                                        width: Math.max(2, Math.abs(x(r.value) - x(0)))}));
    else {
      if (r.low !== null) group.append(svg("line", {x1: x(r.low), x2: x(r.high), y1: y, y2: y, stroke: r.colour,
                                                    "stroke-width": 6, "stroke-linecap": "round", opacity: .35}));
      group.append(svg("circle", {cx: x(r.value), cy: y, r: 6, fill: r.colour}));
    }
    group.append(svg("rect", {x: 0, y: y - ROW / 2, width, height: ROW, fill: "transparent"}));
    root.append(group);
    root.append(label(width, y, r.value.toFixed(1), {"text-anchor": "end"}));
  });
  return root;
}

// points: [{name, x, y, colour, tip}], both axes 0..1, shown as percent.
function scatter(points, xTitle, yTitle) {
  const width = 500, height = 330, left = 46, bottom = 40, head = 40;
  const x = v => left + v * (width - left - 20), y = v => head + (1 - v) * (height - bottom - head);
  const root = svg("svg", {viewBox: `0 0 ${width} ${height}`, role: "img"});
  for (const t of [0, .25, .5, .75, 1]) {
    root.append(svg("line", {x1: x(t), x2: x(t), y1: y(0), y2: y(1), class: "grid"}));
    root.append(svg("line", {x1: x(0), x2: x(1), y1: y(t), y2: y(t), class: "grid"}));
    root.append(label(x(t), y(0) + 14, `${t * 100} %`, {"text-anchor": "middle", class: "dim"}));
    root.append(label(left - 6, y(t), `${t * 100} %`, {"text-anchor": "end", class: "dim"}));
  }
  root.append(label((left + width) / 2, height - 6, xTitle, {"text-anchor": "middle", class: "dim"}));
  root.append(label(0, 8, `↑ ${yTitle}`, {class: "dim"}));
  const taken = [];
  for (const p of [...points].sort((a, b) => a.y - b.y)) {
    const px = x(p.x), right = px > width - 110;
    let py = y(p.y);
    while (taken.some(t => Math.abs(t[1] - py) < 13 && Math.abs(t[0] - px) < 105)) py -= 13;
    taken.push([px, py]);
    const group = svg("g", {"data-tip": p.tip});
    group.append(svg("circle", {cx: px, cy: y(p.y), r: 6, fill: p.colour, stroke: "var(--card)", "stroke-width": 1.5}));
    group.append(label(px + (right ? -10 : 10), py, p.name, {"text-anchor": right ? "end" : "start"}));
    root.append(group);
  }
  return root;
}
