// Scales and their ticks.
function linearScale(from, to, start, end) {
  const factor = (end - start) / (to - from || 1);
  return (value) => start + (value - from) * factor;
}

function logScale(from, to, start, end) {
  const scale = linearScale(Math.log10(from), Math.log10(to), start, end);
  return (value) => scale(Math.log10(Math.max(value, from)));
}

// 1, 2 or 5 times a power of ten, at least `value`.
function niceStep(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((step) => step * power >= value * 0.999999);
  return factor * power;
}

function linearTicks(to, count) {
  if (!(to > 0)) return [0];
  const step = niceStep(to / count);
  const ticks = [];
  for (let tick = 0; tick <= to * 1.000001; tick += step) ticks.push(tick);
  return ticks;
}

// Steps that people count time in, in ns.
function timeTicks(to, count) {
  const wanted = to / count;
  const minutes = [1, 2, 5, 10, 15, 30, 60, 120, 240].map((step) => step * 60e9);
  const seconds = [0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30].map((step) => step * 1e9);
  const step = [...seconds, ...minutes].find((candidate) => candidate >= wanted) || wanted;
  const ticks = [];
  for (let tick = 0; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}

// Powers of ten around what was measured (µs).
function decadesAround(values) {
  const known = values.filter((value) => value !== null && value > 0);
  if (known.length === 0) return [1e2, 1e3];
  let low = Infinity;
  let high = 0;
  for (const value of known) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const from = 10 ** Math.floor(Math.log10(low));
  const to = 10 ** Math.ceil(Math.log10(high * 1.0001));
  return [from, Math.max(to, from * 10)];
}
