"use strict";
// The data block: u32 head length, JSON head, typed arrays; deflated, in base64.

const TYPES = { int16: Int16Array, uint8: Uint8Array, float32: Float32Array };

async function loadData() {
  const text = document.getElementById("data").textContent.trim();
  const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const raw = await new Response(stream).arrayBuffer();
  const length = new Uint32Array(raw, 0, 1)[0];
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(raw, 4, length)));
  const arrays = {};
  for (const [name, [type, offset, size]] of Object.entries(head.arrays)) {
    arrays[name] = new TYPES[type](raw, 4 + length + offset, size);
  }
  head.arrays = arrays;
  head.actors = unpackActors(head.actors, arrays);
  return head;
}

// Each actor gets its own x, y (m) and heading (rad) by tick.
function unpackActors(rows, arrays) {
  let at = 0;
  return rows.map(([slot, kind, shape, front, rear, half, first, count, x0, y0]) => {
    const x = new Float64Array(count), y = new Float64Array(count), heading = new Float64Array(count);
    const beacon = arrays.beacon.subarray(at, at + count);
    let cx = x0, cy = y0;
    for (let i = 0; i < count; i++) {
      cx += arrays.dx[at + i];
      cy += arrays.dy[at + i];
      x[i] = cx / 100;
      y[i] = cy / 100;
      heading[i] = arrays.heading[at + i] / 1e4;
    }
    at += count;
    return { slot, kind, shape, front, rear, half, first, last: first + count - 1, x, y, heading, beacon };
  });
}

// Pose between two ticks: {x, y, heading, beacon} or null when the actor is not there.
function poseAt(actor, t) {
  const i = Math.floor(t) - actor.first, n = actor.x.length;
  if (t < actor.first || i >= n) return null;
  const j = Math.min(i + 1, n - 1), f = t - Math.floor(t);
  let turn = actor.heading[j] - actor.heading[i];
  if (turn > Math.PI) turn -= 2 * Math.PI;
  if (turn < -Math.PI) turn += 2 * Math.PI;
  return {
    x: actor.x[i] + f * (actor.x[j] - actor.x[i]),
    y: actor.y[i] + f * (actor.y[j] - actor.y[i]),
    heading: actor.heading[i] + f * turn,
    beacon: actor.beacon[i] > 0,
  };
}
