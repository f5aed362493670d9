// A witness as a space-time diagram: one lane for each process, one bar for each operation from sent
// to completed, faults behind.
const OP_BAR = 16;
const OP_LABEL = 17;

// The moments that the picture is about, and where each of them stands.  Milliseconds that decide
// and seconds in which nothing happens do not fit on one straight axis, so gaps are then drawn by a
// root of their length; the order stays exact.
function stretchedScale(moments, left, right) {
  const sorted = [...new Set(moments)].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((at, i) => at - sorted[i]);
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  const isStraight = gaps.every((gap) => gap > total / 40);
  const sizes = gaps.map((gap) => (isStraight ? gap : Math.max(gap, total * 1e-6) ** 0.3));
  const whole = sizes.reduce((sum, size) => sum + size, 0) || 1;
  const places = [left];
  for (const size of sizes) places.push(places[places.length - 1] + size / whole * (right - left));
  const x = (at) => {
    if (at <= sorted[0]) return left;
    const i = sorted.findIndex((moment) => moment >= at);
    if (i < 0) return right;
    const share = (at - sorted[i - 1]) / (sorted[i] - sorted[i - 1]);
    return places[i - 1] + share * (places[i] - places[i - 1]);
  };
  return {x, isStraight, moments: sorted};
}

function witnessMoments(witness, faults) {
  const own = witness.operations.flatMap((op) => [op.sent, op.completed].filter((at) => at !== null));
  const from = Math.min(...own);
  const to = Math.max(...own);
  const edges = faults.flatMap((fault) => [fault.start, fault.end])
    .filter((at) => at !== null && at > from && at < to);
  return {from, to, moments: [...own, ...edges]};
}

function lanesOf(witness) {
  const lanes = new Map();
  witness.operations.forEach((op, i) => {
    const name = `process ${op.process}`;
    if (!lanes.has(name)) lanes.set(name, {name, place: op.node || op.client, operations: []});
    lanes.get(name).operations.push({...op, number: i + 1});
  });
  return [...lanes.values()];
}

function placeOperations(lane, x, left, right) {
  const places = lane.operations.map((op) => {
    const from = x(op.sent);
    const to = op.completed === null ? right : Math.max(x(op.completed), from + 4);
    const text = fitted(op.label, Math.min(210, right - left - 30));
    const width = textWidth(`${op.number}`, 650) + 6 + textWidth(text);
    return {op, from, to, text, width, label: Math.max(left, Math.min(from, right - width))};
  });
  const rows = rowsFor(places.map(({label, width}) => ({from: label, to: label + width})), 10);
  places.forEach((place, i) => { place.row = rows[i]; });
  // Where two operations of one process touch on the picture, their bars still stand apart.
  const bars = rowsFor(places.map(({from, to}) => ({from, to})), 0);
  places.forEach((place, i) => { place.bar = bars[i]; });
  return {places, labels: Math.max(...rows) + 1, bars: Math.max(...bars) + 1};
}

function drawOperation({op, from, to, text, label, row, bar}, top, labels) {
  const y = top + labels * OP_LABEL + bar * (OP_BAR + 3);
  const shape = op.completed === null
    ? svg('path', {class: `op op-${op.outcome}`,
      d: `M${from} ${y}H${to - 7}l6 ${OP_BAR / 2}l-6 ${OP_BAR / 2}H${from}Z`})
    : svg('rect', {class: `op op-${op.outcome}`, x: from, y, width: to - from, height: OP_BAR, rx: 3});
  shape.append(svg('title', {}, op.text));
  const base = top + row * OP_LABEL + 12;
  const number = `${op.number}`;
  return [
    shape,
    svg('text', {class: 'op-number', x: label, y: base}, number),
    svg('text', {class: 'op-label', x: label + textWidth(number, 650) + 5, y: base}, text),
  ];
}

function drawMoments(scale, y, left, right) {
  let free = -Infinity;
  const drawn = [];
  for (const at of scale.moments) {
    const text = momentText(at, 3);
    const width = textWidth(text);
    const middle = Math.min(Math.max(scale.x(at), left + width / 2), right - width / 2);
    drawn.push(svg('line', {class: 'grid', x1: scale.x(at), x2: scale.x(at), y1: y - 6, y2: y}));
    if (middle - width / 2 < free) continue;
    drawn.push(svg('text', {x: middle, y: y + 14, 'text-anchor': 'middle'}, text));
    free = middle + width / 2 + 10;
  }
  return drawn;
}

function witnessBands(faults, span, scale, top, bottom, right) {
  const labels = [];
  const parts = faults.flatMap((fault) => {
    const from = scale.x(Math.max(fault.start, span.from));
    const to = fault.end === null ? right : scale.x(Math.min(fault.end, span.to));
    const text = fitted(fault.id, 160, 600);
    const start = Math.min(from + 3, right - textWidth(text, 600));
    labels.push({fault, text, from: start, to: start + textWidth(text, 600)});
    return fault.is_event
      ? [svg('line', {class: 'band-edge', x1: from, x2: from, y1: 0, y2: bottom})]
      : [svg('rect', {class: 'band', x: from, y: 0, width: Math.max(1, to - from), height: bottom})];
  });
  const rows = rowsFor(labels);
  labels.forEach(({text, from}, i) => parts.push(
    svg('text', {class: 'fault-label', x: from, y: rows[i] * BAND_ROW + 12}, text)));
  return {parts, height: rows.length > 0 ? (Math.max(...rows) + 1) * BAND_ROW : 0};
}

function drawWitness(witness, data, picture, width) {
  const span = witnessMoments(witness, data.faults);
  const faults = data.faults.filter((fault) =>
    fault.start <= span.to && (fault.end === null || fault.end >= span.from));
  const lanes = lanesOf(witness);
  const gutter = Math.max(...lanes.map((lane) => textWidth(lane.name, 600)));
  const left = gutter + 16;
  const right = width - 12;
  const scale = stretchedScale(span.moments, left + 4, right);
  const placed = lanes.map((lane) => placeOperations(lane, scale.x, left + 4, right));
  const heights = placed.map((lane) => lane.labels * OP_LABEL + lane.bars * (OP_BAR + 3) + 14);
  const bands = witnessBands(faults, span, scale, 0, 0, right);
  const bottom = bands.height + 8 + heights.reduce((sum, height) => sum + height, 0);
  let top = bands.height + 8;
  const parts = [...witnessBands(faults, span, scale, 0, bottom, right).parts];
  placed.forEach((lane, i) => {
    parts.push(svg('line', {class: 'lane', x1: 0, x2: width, y1: top - 5, y2: top - 5}),
      svg('text', {class: 'title', x: 0, y: top + 12}, lanes[i].name),
      svg('text', {x: 0, y: top + 28}, fitted(lanes[i].place, gutter)),
      ...lane.places.flatMap((place) => drawOperation(place, top, lane.labels)));
    top += heights[i];
  });
  parts.push(svg('line', {class: 'lane', x1: 0, x2: width, y1: bottom, y2: bottom}),
    ...drawMoments(scale, bottom + 6, left, right));
  picture.setAttribute('viewBox', `0 0 ${width} ${bottom + 26}`);
  picture.style.height = `${bottom + 26}px`;
  picture.replaceChildren(...parts);
  picture.dataset.operations = witness.operations.length;
  picture.dataset.lanes = lanes.length;
  picture.dataset.straight = scale.isStraight;
}

function operationList(witness) {
  const item = (op, i) => el('li', {}, el('b', {}, i + 1), el('span', {}, op.text,
    op.error ? el('span', {class: 'error'}, ` ${op.error}`) : null));
  return el('ol', {class: 'operations'}, witness.operations.map(item));
}

function witnessBlock(witness, data, whenShown) {
  if (witness.operations.length === 0) return el('p', {class: 'lead'}, witness.why);
  const picture = svg('svg', {role: 'img', class: 'space-time',
    'aria-label': 'Space-time diagram of the operations listed below'});
  whenShown(picture, (width) => drawWitness(witness, data, picture, width));
  return el('div', {class: 'witness'}, el('p', {class: 'lead'}, witness.why),
    el('figure', {}, picture), operationList(witness),
    witness.more > 0 ? el('p', {class: 'note'}, `and ${plural(witness.more, 'more operation')}`)
      : null);
}

function witnessSections(data, whenShown) {
  return data.checks.filter((check) => check.witnesses.length > 0).map((check) => {
    const [first, ...others] = check.witnesses;
    const more = check.witnesses_in_all - check.witnesses.length;
    const rest = others.length === 0 ? null : el('details', {},
      el('summary', {}, `${plural(others.length, 'more witness', 'more witnesses')}` +
        (more > 0 ? `, and ${countText(more)} in the run file` : '')),
      others.map((witness) => witnessBlock(witness, data, whenShown)));
    return section('Witness', el('p', {class: 'note'}, check.name,
      ' · gaps in time are drawn shorter where nothing of the witness happens'),
      witnessBlock(first, data, whenShown), rest);
  });
}
