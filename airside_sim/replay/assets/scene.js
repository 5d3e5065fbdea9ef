"use strict";
// Drawing in metres: the canvas is transformed so that x points east and y north.

const AIRCRAFT = 0, PERSON = 4;

function pathOf(cm, close) {
  const path = new Path2D();
  for (let i = 0; i < cm.length; i += 2) path[i ? "lineTo" : "moveTo"](cm[i] / 100, cm[i + 1] / 100);
  if (close) path.closePath();
  return path;
}

class Ground {
  constructor(rows) {
    this.items = rows.map(([kind, colour, cm, width, dash, text, background]) => {
      let west = 1e9, south = 1e9, east = -1e9, north = -1e9;
      for (let i = 0; i < cm.length; i += 2) {
        west = Math.min(west, cm[i] / 100); east = Math.max(east, cm[i] / 100);
        south = Math.min(south, cm[i + 1] / 100); north = Math.max(north, cm[i + 1] / 100);
      }
      return { kind, colour, width, dash, text, background, x: cm[0] / 100, y: cm[1] / 100,
               box: [west - 12, south - 12, east + 12, north + 12], path: pathOf(cm, kind === "fill") };
    });
    this.canvas = document.createElement("canvas");
    this.key = "";
  }

  // The ground is painted once on a larger canvas and used until the view leaves it.
  show(ctx, camera, colour) {
    const { width, height } = ctx.canvas, margin = 0.5;
    const reachX = (width * (0.5 + margin)) / camera.scale, reachY = (height * (0.5 + margin)) / camera.scale;
    const key = `${camera.scale}|${width}|${height}`;
    const away = this.at && (Math.abs(camera.x - this.at.x) * camera.scale > width * margin ||
                             Math.abs(camera.y - this.at.y) * camera.scale > height * margin);
    if (key !== this.key || away) {
      this.key = key;
      this.at = { x: camera.x, y: camera.y };
      this.canvas.width = width * (1 + 2 * margin);
      this.canvas.height = height * (1 + 2 * margin);
      this.paint(camera.scale, [camera.x - reachX, camera.y - reachY, camera.x + reachX, camera.y + reachY], colour);
    }
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.canvas, -width * margin + (this.at.x - camera.x) * camera.scale,
                  -height * margin - (this.at.y - camera.y) * camera.scale);
  }

  paint(scale, [west, south, east, north], colour) {
    const g = this.canvas.getContext("2d");
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.fillStyle = colour;
    g.fillRect(0, 0, this.canvas.width, this.canvas.height);
    g.setTransform(scale, 0, 0, -scale, -west * scale, north * scale);
    for (const p of this.items) {
      if (p.box[0] > east || p.box[2] < west || p.box[1] > north || p.box[3] < south) continue;
      if (p.kind === "fill") {
        g.fillStyle = p.colour;
        g.fill(p.path);
      } else if (p.kind === "line") {
        g.strokeStyle = p.colour;
        g.lineWidth = Math.max(p.width, 0.7 / scale);
        g.setLineDash(p.dash);
        g.stroke(p.path);
        g.setLineDash([]);
      } else if (p.kind === "text") {
        label(g, p, scale);
      }
    }
  }
}

function label(g, p, scale) {
  const size = p.width || 2.4;
  if (size * scale < 6) return;
  g.save();
  g.translate(p.x, p.y);
  g.scale(1, -1);
  g.font = `600 ${size}px system-ui, sans-serif`;
  g.textAlign = "center";
  g.textBaseline = "middle";
  if (p.background) {
    const w = g.measureText(p.text).width + 0.8;
    g.fillStyle = p.background;
    g.fillRect(-w / 2, -size * 0.62, w, size * 1.24);
  }
  g.fillStyle = p.colour;
  g.fillText(p.text, 0, 0);
  g.restore();
}

class Actors {
  constructor(data) {
    this.data = data;
    this.shapes = Object.fromEntries(Object.entries(data.shapes).map(([k, parts]) => [k, parts.map((p) => pathOf(p, true))]));
  }

  draw(g, t, followed) {
    const { actors, colours, vehicles } = this.data;
    for (const a of actors) {
      const pose = poseAt(a, t);
      if (!pose) continue;
      g.save();
      g.translate(pose.x, pose.y);
      g.rotate(pose.heading);
      if (a.kind === AIRCRAFT) this.aircraft(g, a, pose, t);
      else if (a.kind === PERSON) this.person(g, a);
      else {
        g.fillStyle = a.slot < 0 ? (a.slot === -1 ? colours.EGO : colours.EGO_TRAILER) : (vehicles[a.shape] || ["", "#aaa"])[1];
        box(g, a.front, a.rear, a.half);
        if (a.slot === -1 || a.slot >= 0) {
          g.fillStyle = "#00000055";
          g.fillRect(a.front - 1.1, -a.half * 0.8, 0.5, a.half * 1.6);
        }
      }
      if (a === followed) {
        g.strokeStyle = "#ffffff";
        g.lineWidth = 0.25;
        g.beginPath();
        g.arc(0, 0, Math.max(a.front, a.half) + 2.0, 0, 7);
        g.stroke();
      }
      g.restore();
    }
  }

  aircraft(g, a, pose, t) {
    const parts = this.shapes[a.shape] || [];
    parts.forEach((path, k) => {
      g.fillStyle = k === parts.length - 1 ? this.data.colours.FUSELAGE : this.data.colours.WING;
      g.strokeStyle = "#54585f";
      g.lineWidth = 0.12;
      g.fill(path);
      g.stroke(path);
    });
    if (pose.beacon) {
      g.fillStyle = this.data.colours.BEACON_ON + (Math.floor(t / 5) % 2 ? "ff" : "70");
      g.beginPath();
      g.arc(0, 0, 1.3, 0, 7);
      g.fill();
    }
  }

  person(g, a) {
    g.fillStyle = this.data.colours.VEST;
    g.strokeStyle = "#202020";
    g.lineWidth = 0.1;
    g.beginPath();
    g.arc(0, 0, Math.max(a.half, 0.3), 0, 7);
    g.fill();
    g.stroke();
  }
}

function box(g, front, rear, half) {
  g.strokeStyle = "#20242a";
  g.lineWidth = 0.12;
  g.beginPath();
  g.rect(-rear, -half, front + rear, 2 * half);
  g.fill();
  g.stroke();
}

// Route, hazards and crossing zones, translucent.
function drawOverlays(g, data, t) {
  g.strokeStyle = data.colours.ROUTE + "a0";
  g.lineWidth = 0.4;
  g.stroke((data.routePath ||= pathOf(data.route, false)));
  for (const [first, last, , cm] of data.hazards) {
    if (t < first || t >= last + 1) continue;
    g.fillStyle = data.colours.HAZARD + "48";
    g.fill(pathOf(cm, true));
  }
  for (const [cm, changes] of data.crossings) {
    const state = stateAt(changes, t);
    if (state === "none_needed") continue;
    g.fillStyle = (state === "granted" ? data.colours.GRANTED : data.colours.DENIED) + "40";
    g.fill(pathOf(cm, true));
  }
}

function stateAt(changes, t) {
  let state = "none_needed";
  for (const [tick, name] of changes) if (tick <= t) state = name;
  return state;
}
