// Three panels on the run's time axis: answers, errors, latency.  Each drawer gets a frame
// {x, width, right, top, height, data} and returns the numbers it drew, which the tests compare
// with the run file's.
function stepPath(values, x, y) {
  let path = '';
  let isOpen = false;
  values.forEach((value, i) => {
    if (value === null) {
      isOpen = false;
      return;
    }
    const height = y(value).toFixed(1);
    path += isOpen ? `V${height}` : `M${x(i).toFixed(1)} ${height}`;
    path += `H${x(i + 1).toFixed(1)}`;
    isOpen = true;
  });
  return path;
}

// The area between two lines of steps, or between one and the ground.
function stepArea(upper, lower, x, y) {
  let path = '';
  upper.forEach((value, i) => {
    if (value === null || lower[i] === null) return;  // a gap is a gap
    path += `M${x(i).toFixed(1)} ${y(value).toFixed(1)}H${x(i + 1).toFixed(1)}` +
      `V${y(lower[i]).toFixed(1)}H${x(i).toFixed(1)}Z`;
  });
  return path;
}

function windowX(frame, series, shift = 0) {
  return (i) => Math.min(frame.right, Math.max(frame.left, frame.x(i * series.width - shift)));
}

function panelTitle(frame, title, unit) {
  return svg('text', {class: 'title', x: frame.left, y: frame.top - 8}, title,
    svg('tspan', {'font-weight': 400, class: 'unit'}, unit ? `  ${unit}` : ''));
}

function yGrid(frame, ticks, y, label) {
  return ticks.flatMap((tick) => [
    svg('line', {class: 'grid', x1: frame.left, x2: frame.right, y1: y(tick), y2: y(tick)}),
    svg('text', {x: frame.left - 6, y: y(tick) + 4, 'text-anchor': 'end'}, label(tick)),
  ]);
}

// The control's windows that lie inside the picture, in its own series' columns.
function controlPath(frame, values, y) {
  const {control} = frame.data;
  const count = values.length;
  const x = windowX(frame, control, control.shift);
  const isInside = (i) => x(i + 1) > frame.left && x(i) < frame.right;
  const inside = values.map((value, i) => (i < count && isInside(i) ? value : null));
  return svg('path', {class: 'control', d: stepPath(inside, x, y)});
}

function perSecond(series, column) {
  return series[column].map((count) => count / (series.width / SECOND));
}

// The end of the run cuts the last window short: its rate would sink for no reason, and says little
// where only a sliver is left.
function ratesOf(series, column, end) {
  const rates = perSecond(series, column);
  const last = rates.length - 1;
  const part = (end - last * series.width) / series.width;
  if (last > 0 && part < 1) rates[last] = part < 0.3 ? null : rates[last] / part;
  return rates;
}

function drawRate(frame) {
  const {series, control, end} = frame.data;
  const answered = ratesOf(series, 'answered', end);
  const offered = ratesOf(series, 'offered', end);
  const others = control ? ratesOf(control, 'answered', control.end) : [];
  const ticks = linearTicks(Math.max(1, ...answered, ...offered, ...others), 3);
  const top = Math.max(ticks[ticks.length - 1], ...answered, ...offered, ...others);
  const y = linearScale(0, top, frame.top + frame.height, frame.top);
  const x = windowX(frame, series);
  const ground = answered.map(() => 0);
  const parts = [
    ...yGrid(frame, ticks, y, tickText),
    svg('path', {class: 'rate-area', d: stepArea(answered, ground, x, y)}),
    control ? controlPath(frame, others, y) : null,
    svg('path', {class: 'offered', d: stepPath(offered, x, y)}),
    svg('path', {class: 'rate', d: stepPath(answered, x, y)}),
    panelTitle(frame, 'Answers', 'per second'),
  ];
  const sum = (values) => values.reduce((all, value) => all + value, 0);
  return {parts, drawn: {answered: sum(series.answered), offered: sum(series.offered)}};
}

function drawErrors(frame) {
  const {series} = frame.data;
  const failed = perSecond(series, 'failed');
  const all = perSecond(series, 'unknown').map((rate, i) => rate + failed[i]);
  const top = Math.max(...all, 0);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const drawn = {failed: sum(series.failed), unknown: sum(series.unknown)};
  const ticks = top > 0 ? linearTicks(top, 2) : [0];
  const y = linearScale(0, Math.max(top, ticks[ticks.length - 1], 1e-9), frame.top + frame.height,
    frame.top);
  const x = windowX(frame, series);
  const ground = all.map(() => 0);
  const some = (upper, lower) => upper.map((value, i) => (value > lower[i] ? value : null));
  return {drawn, parts: [
    ...yGrid(frame, ticks, y, tickText),
    svg('path', {class: 'failed', d: stepArea(some(failed, ground), ground, x, y)}),
    svg('path', {class: 'unknown', d: stepArea(some(all, failed), failed, x, y)}),
    panelTitle(frame, 'Errors', top > 0 ? 'per second, when they were due' : 'none'),
  ]};
}

function latencyTick(us) {
  const [value, unit] = latencyText(us).split(' ');
  return `${+value} ${unit}`;
}

function drawLatency(frame) {
  const {series, control} = frame.data;
  const from = (one) => (one ? [...one.p50, ...one.p99] : []);
  const [low, high] = decadesAround([...from(series), ...from(control)]);
  const y = logScale(low, high, frame.top + frame.height, frame.top);
  const x = windowX(frame, series);
  const decades = Math.round(Math.log10(high / low));
  const ticks = [];
  for (let i = 0; i <= decades; i += decades > 5 ? 2 : 1) ticks.push(low * 10 ** i);
  const line = (column) => svg('path', {class: column, d: stepPath(series[column], x, y)});
  const known = series.p99.filter((value) => value !== null);
  return {
    parts: [
      ...yGrid(frame, ticks, y, latencyTick),
      svg('path', {class: 'fan', d: stepArea(series.p99, series.p50, x, y)}),
      control ? controlPath(frame, control.p99, y) : null,
      line('p99'), line('p95'), line('p50'),
      panelTitle(frame, 'Latency', 'from when it was due, logarithmic'),
    ],
    drawn: {p99: known.length > 0 ? Math.max(...known) : 0, latencies: known.length},
  };
}
