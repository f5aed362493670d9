// Numbers as a person reads them.  Times come in ns, latencies in µs.
const SECOND = 1e9;

// 3 digits that count: 0.123, 12.3, 1230.
function threeDigits(value) {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 3));
}

function countText(value) {
  return Math.round(value).toLocaleString('en-US').replace(/,/g, '\u202f');
}

function rateText(value) {
  if (value === null) return '–';
  return value >= 100 ? countText(value) : threeDigits(value);
}

// A tick's number without the zeros that say nothing: 40, not 40.0.
function tickText(value) {
  return value >= 1000 ? countText(value) : String(+threeDigits(value));
}

// A moment of the run: "9.13 s", "2:05.1".
function momentText(ns, digits = 2) {
  const seconds = ns / SECOND;
  if (Math.abs(seconds) < 120) return `${seconds.toFixed(digits)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = (seconds - 60 * minutes).toFixed(Math.max(0, digits - 1));
  return `${minutes}:${rest.padStart(digits > 1 ? 3 + digits - 1 : 2, '0')}`;
}

// A length of time: "812 µs", "53.2 ms", "10 s".
function lengthText(ns) {
  const size = Math.abs(ns);
  if (size < 1e3) return `${Math.round(ns)} ns`;
  if (size < 1e6) return `${threeDigits(ns / 1e3)} µs`;
  if (size < 1e9) return `${threeDigits(ns / 1e6)} ms`;
  if (size < 120e9) return `${threeDigits(ns / 1e9)} s`;
  return `${threeDigits(ns / 60e9)} min`;
}

function latencyText(us) {
  return us === null || us === undefined ? '–' : lengthText(us * 1e3);
}

function plural(count, one, many = `${one}s`) {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
