"use strict";

function startViewer(data) {
  const $ = (id) => document.getElementById(id);
  const last = data.instants - 1;
  const ground = new Ground(data.ground), actors = new Actors(data);
  const ego = data.actors.find((a) => a.slot === -1);
  const state = { t: 0, playing: false, followed: ego, camera: { x: 0, y: 0, scale: 7 }, free: false };
  const apron = $("apron"), curves = $("curves");
  const column = Object.fromEntries(data.terms.map((name, k) => [name, k]));
  const term = (name, tick) => data.arrays.terms[column[name] * data.instants + tick];

  // --- sums that the curves and the panel need
  const costSoFar = new Float64Array(data.instants), rewardSoFar = new Float64Array(data.instants);
  const rewards = data.terms.filter((n) => n.startsWith("reward/"));
  for (let i = 1; i <= last; i++) {
    costSoFar[i] = costSoFar[i - 1] + term("cost", i);
    rewardSoFar[i] = rewardSoFar[i - 1] + rewards.reduce((sum, n) => sum + term(n, i), 0);
  }

  function fit(canvas) {
    const ratio = window.devicePixelRatio || 1;
    const w = Math.round(canvas.clientWidth * ratio), h = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    return canvas.getContext("2d");
  }

  function draw() {
    const g = fit(apron), { camera } = state, tick = Math.min(Math.floor(state.t), last);
    const pose = poseAt(state.followed, state.t) || poseAt(ego, state.t);
    if (!state.free) { camera.x = pose.x; camera.y = pose.y; }
    ground.show(g, camera, data.colours.GRASS);
    const { scale } = camera;
    g.setTransform(scale, 0, 0, -scale, g.canvas.width / 2 - camera.x * scale, g.canvas.height / 2 + camera.y * scale);
    drawOverlays(g, data, state.t);
    actors.draw(g, state.t, state.free ? null : state.followed === ego ? null : state.followed);
    drawCurves();
    panels(tick);
  }

  function drawCurves() {
    const g = fit(curves), { width: w, height: h } = g.canvas, pad = 6;
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.fillStyle = "#141a22";
    g.fillRect(0, 0, w, h);
    const speedTop = Math.max(1, ...data.arrays.speed, ...data.arrays.limit), costTop = Math.max(0.01, costSoFar[last]);
    const line = (values, top, colour) => {
      g.strokeStyle = colour;
      g.lineWidth = 1.5;
      g.beginPath();
      for (let px = 0; px <= w; px++) {
        const y = h - pad - (values[Math.round((px / w) * last)] / top) * (h - 2 * pad);
        g[px ? "lineTo" : "moveTo"](px, y);
      }
      g.stroke();
    };
    line(data.arrays.limit, speedTop, "#5a6678");
    line(data.arrays.speed, speedTop, "#40c8ff");
    line(costSoFar, costTop, "#f0463c");
    for (const record of data.log) {
      g.fillStyle = record.cost > 0 ? "#f0463c" : "#ffffff60";
      g.fillRect((record.tick / last) * w - 1, 0, 2, 8);
    }
    g.fillStyle = "#ffffff";
    g.fillRect((state.t / last) * w - 1, 0, 2, h);
    g.font = "11px system-ui, sans-serif";
    g.fillStyle = "#40c8ff"; g.fillText(`speed, top ${(speedTop * 3.6).toFixed(0)} km/h`, 8, 14);
    g.fillStyle = "#f0463c"; g.fillText(`cost so far, ${costSoFar[last].toFixed(3)} at the end`, 140, 14);
  }

  function panels(tick) {
    const v = data.arrays.speed[tick], limit = data.arrays.limit[tick];
    $("hud").textContent = `${(v * 3.6).toFixed(1)} km/h   limit ${(limit * 3.6).toFixed(0)}\n` +
      `route ${(term("route_completion", tick) * 100).toFixed(0)} %`;
    $("clock").textContent = `${(tick * data.dt).toFixed(1)} s of ${(last * data.dt).toFixed(1)} s`;
    $("scrub").value = tick;
    const rows = [["tick", tick], ["reward so far", rewardSoFar[tick].toFixed(2)], ["cost so far", costSoFar[tick].toFixed(4)],
      ["nearest aircraft", `${term("min_dist_aircraft_m", tick).toFixed(2)} m`],
      ["nearest person", `${term("min_dist_personnel_m", tick).toFixed(2)} m`]];
    data.crossings.forEach(([, changes], k) => rows.push([`crossing ${k + 1}`, stateAt(changes, tick).replace("_", " ")]));
    fill($("now"), rows);
    fill($("terms"), data.terms.filter((n) => n.includes("/") && Math.abs(term(n, tick)) > 1e-6)
      .map((n) => [n, term(n, tick).toFixed(4)]));
    document.querySelectorAll("#log li").forEach((li) => li.classList.toggle("past", Number(li.dataset.tick) <= tick));
    document.body.dataset.tick = tick;
  }

  function fill(table, rows) {
    table.replaceChildren(...rows.map((cells) => {
      const tr = document.createElement("tr");
      for (const cell of cells) tr.insertCell().textContent = cell;
      return tr;
    }));
  }

  function writeLog() {
    $("log").replaceChildren(...data.log.map((record) => {
      const li = document.createElement("li"), time = document.createElement("time");
      time.textContent = `${record.time_s.toFixed(1)} s`;
      const far = Math.abs(record.distance_m) > 0.005 ? `, ${record.distance_m.toFixed(2)} m` : "";
      const whom = record.whom ? ` (${record.whom.replaceAll("_", " ")})` : "";
      li.append(time, `${record.words}${whom} at ${(record.speed_mps * 3.6).toFixed(1)} km/h${far}`);
      li.dataset.tick = record.tick;
      if (record.cost > 0) li.classList.add("cost");
      li.onclick = () => seek(record.tick);
      return li;
    }));
  }

  function seek(t) { state.t = Math.min(Math.max(t, 0), last); draw(); }

  function play(on) {
    state.playing = on;
    $("play").textContent = on ? "pause" : "play";
    if (on && state.t >= last) state.t = 0;
    before = performance.now();
    if (on) requestAnimationFrame(frame);
  }

  let before = 0;
  function frame(now) {
    if (!state.playing) return;
    state.t += (Math.max(0, now - before) / 1000 / data.dt) * Number($("rate").value);
    before = now;
    if (state.t >= last) { state.t = last; play(false); }
    draw();
    if (state.playing) requestAnimationFrame(frame);
  }

  function pick(event) {
    const ratio = window.devicePixelRatio || 1, { camera } = state;
    const x = camera.x + (event.offsetX * ratio - apron.width / 2) / camera.scale;
    const y = camera.y - (event.offsetY * ratio - apron.height / 2) / camera.scale;
    let best = null, reach = 1e9;
    for (const a of data.actors) {
      const pose = poseAt(a, state.t);
      if (!pose) continue;
      const d = Math.hypot(pose.x - x, pose.y - y) - Math.max(a.front, a.half, 1);
      if (d < 2 && d < reach) { best = a; reach = d; }
    }
    if (best) { state.followed = best.slot < 0 ? ego : best; state.free = false; draw(); }
  }

  let grip = null;
  apron.onpointerdown = (e) => { grip = { x: e.clientX, y: e.clientY, moved: false }; apron.setPointerCapture(e.pointerId); };
  apron.onpointermove = (e) => {
    if (!grip) return;
    const dx = e.clientX - grip.x, dy = e.clientY - grip.y;
    if (!grip.moved && Math.hypot(dx, dy) < 4) return;
    const ratio = window.devicePixelRatio || 1;
    state.free = true;
    state.camera.x -= (dx * ratio) / state.camera.scale;
    state.camera.y += (dy * ratio) / state.camera.scale;
    grip = { x: e.clientX, y: e.clientY, moved: true };
    draw();
  };
  apron.onpointerup = (e) => { if (grip && !grip.moved) pick(e); grip = null; };
  apron.onwheel = (e) => {
    e.preventDefault();
    state.camera.scale = Math.min(40, Math.max(1, state.camera.scale * Math.exp(-e.deltaY / 600)));
    draw();
  };
  curves.onclick = (e) => seek((e.offsetX / curves.clientWidth) * last);
  $("scrub").max = last;
  $("scrub").oninput = () => { play(false); seek(Number($("scrub").value)); };
  $("play").onclick = () => play(!state.playing);
  $("back").onclick = () => { play(false); seek(Math.ceil(state.t) - 1); };
  $("forward").onclick = () => { play(false); seek(Math.floor(state.t) + 1); };
  window.onkeydown = (e) => {
    const action = { " ": () => play(!state.playing), ArrowLeft: $("back").onclick, ArrowRight: $("forward").onclick,
                     f: () => { state.followed = ego; state.free = false; draw(); } }[e.key];
    if (action && e.target.tagName !== "SELECT") { e.preventDefault(); action(); }
  };
  window.onresize = draw;

  const o = data.outcome;
  $("title").textContent = data.title;
  $("outcome").textContent = `${o.termination_reason.replace("_", " ").toLowerCase()} after ${(o.steps * data.dt).toFixed(1)} s` +
    `   map ${data.map}   return ${o.total_reward.toFixed(1)}   cost ${o.total_cost.toFixed(3)}`;
  $("outcome").className = o.is_success ? "good" : "bad";
  writeLog();
  const wanted = new URLSearchParams(location.hash.slice(1)).get("t");
  seek(wanted ? Number(wanted) / data.dt : 0);
  document.body.dataset.ready = "1";
}

loadData().then(startViewer, (error) => { document.getElementById("title").textContent = `This replay is damaged: ${error}`; });
