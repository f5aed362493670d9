// The timeline: bands, panels, lanes, and what stands under the pointer or the keyboard's cursor.
const PANELS = [
  {name: 'rate', draw: drawRate, height: 96},
  {name: 'errors', draw: drawErrors, height: 52},
  {name: 'latency', draw: drawLatency, height: 150},
];
const PANEL_GAP = 34;
const TICKS = 22;

function layout(data, width) {
  const nodes = laneNames(data).map((node) => textWidth(node || 'run'));
  const left = Math.min(Math.max(54, ...nodes.map((node) => node + 14)), width < 500 ? 64 : 130);
  const right = width - 8;
  const x = linearScale(0, data.end, left, right);
  const bands = placeBands(data, x, left, right);
  let top = bands.rows * BAND_ROW + PANEL_GAP - 8;
  const frames = PANELS.map(({draw, height}) => {
    const frame = {data, x, left, right, top, height, draw};
    top += height + PANEL_GAP;
    return frame;
  });
  const ticks = top - PANEL_GAP;
  const lanes = {data, x, left, right, top: ticks + TICKS + 12};
  const bottom = lanes.top + laneNames(data).length * LANE;
  return {x, left, right, bands, frames, ticks, lanes, bottom, height: bottom + 4};
}

function drawTimeAxis({x, left, right, ticks}, end) {
  const count = Math.max(2, Math.floor((right - left) / 90));
  return timeTicks(end, count).flatMap((tick) => {
    const text = momentText(tick, tick % SECOND === 0 ? 0 : 2);
    const width = textWidth(text);
    const at = Math.min(Math.max(x(tick), left + width / 2 - 6), right + 6 - width / 2);
    return [
      svg('line', {class: 'grid', x1: x(tick), x2: x(tick), y1: ticks, y2: ticks + 5}),
      svg('text', {x: at, y: ticks + 18, 'text-anchor': 'middle'}, text),
    ];
  });
}

function drawTimeline(data, chart, width) {
  const plan = layout(data, width);
  const drawn = {windows: data.series.answered.length, faults: plan.bands.places.length,
    lanes: laneNames(data).length, marks: data.lanes.marks.length};
  const parts = plan.frames.flatMap((frame) => {
    const panel = frame.draw(frame);
    Object.assign(drawn, panel.drawn);
    return panel.parts;
  });
  chart.setAttribute('viewBox', `0 0 ${width} ${plan.height}`);
  chart.style.height = `${plan.height}px`;
  chart.replaceChildren(svg('g', {}, drawBands(plan.bands, 0, plan.bottom)),
    svg('g', {}, parts.filter(Boolean)), svg('g', {}, drawTimeAxis(plan, data.end)),
    svg('g', {}, drawLanes(plan.lanes)));
  for (const [name, value] of Object.entries(drawn)) chart.dataset[name] = value;
  return plan;
}

function faultsAt(data, from, to) {
  return data.faults.filter((fault) => {
    const times = faultTimes(fault, data.end);
    return times.from < to && (fault.is_event ? times.from >= from : times.to > from);
  });
}

function showReadout(data, readout, i) {
  const {series} = data;
  const from = i * series.width;
  const to = from + series.width;
  const pairs = [
    ['at', momentText(from)], ['answered/s', rateText(ratesOf(series, 'answered', data.end)[i])],
    ['failed', countText(series.failed[i])], ['unknown', countText(series.unknown[i])],
    ['p50', latencyText(series.p50[i])], ['p95', latencyText(series.p95[i])],
    ['p99', latencyText(series.p99[i])], ['slowest', latencyText(series.max[i])],
  ];
  const faults = faultsAt(data, from, to).map((fault) => fault.id);
  const marks = data.lanes.marks.filter((mark) => mark.at >= from - series.width &&
    mark.at < to + series.width).map((mark) => mark.text).slice(0, 3);
  const said = [...faults, ...marks].join(' · ');
  readout.replaceChildren(
    ...pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
    el('div', {class: 'wide'}, said ? el('b', {}, said) : `each step is ${lengthText(series.width)}`));
  readout.dataset.window = i;
}

function restingReadout(data, readout) {
  readout.replaceChildren(el('div', {class: 'wide'},
    'Point at the picture, or focus it and use the arrow keys, to read the numbers of one step of ' +
    `${lengthText(data.series.width)}.`));
}

const KEY_STEPS = {ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10};

// The cursor is one group, moved; nothing else is drawn again.
function addCursor(data, chart, readout, planNow) {
  const count = data.series.answered.length;
  let current = null;
  const move = (to) => {
    current = Math.max(0, Math.min(count - 1, to));
    const plan = planNow();
    const x = windowX(plan.frames[0], data.series);
    const width = Math.max(1, x(current + 1) - x(current));
    chart.querySelector('.cursor-group')?.remove();
    chart.append(svg('g', {class: 'cursor-group'},
      svg('rect', {class: 'cursor-window', x: x(current), width, y: 0, height: plan.bottom}),
      svg('line', {class: 'cursor', x1: x(current), x2: x(current), y1: 0, y2: plan.bottom})));
    showReadout(data, readout, current);
  };
  const leave = () => {
    chart.querySelector('.cursor-group')?.remove();
    restingReadout(data, readout);
  };
  chart.addEventListener('pointermove', (event) => {
    const plan = planNow();
    const box = chart.getBoundingClientRect();
    const ns = (event.clientX - box.left - plan.left) / (plan.right - plan.left) * data.end;
    move(Math.floor(ns / data.series.width));
  });
  chart.addEventListener('pointerleave', () => {
    if (document.activeElement !== chart) leave();
  });
  chart.addEventListener('blur', leave);
  chart.addEventListener('keydown', (event) => {
    const step = KEY_STEPS[event.key];
    if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(count - 1);
    else if (step !== undefined) move(current === null ? 0 : current + step);
    else return;
    event.preventDefault();
  });
}

function keyLine(className) {
  return svg('svg', {viewBox: '0 0 18 12', 'aria-hidden': 'true'},
    svg('line', {class: className, x1: 0, x2: 18, y1: 6, y2: 6}));
}

function keyBox(className) {
  return svg('svg', {viewBox: '0 0 18 12', 'aria-hidden': 'true'},
    svg('rect', {class: className, x: 2, y: 1, width: 14, height: 10, rx: 2}));
}

function legend(data) {
  const mark = (kind) => svg('svg', {viewBox: '0 0 18 12', 'aria-hidden': 'true'},
    laneMark({kind, at: 0, text: ''}, 9, 6));
  const kinds = new Set(data.lanes.marks.map((one) => one.kind));
  const rows = [
    [keyLine('rate'), 'answered'], [keyLine('offered'), 'offered'],
    [keyBox('failed'), 'failed'], [keyBox('unknown'), 'unknown'],
    [keyLine('p50'), 'p50'], [keyLine('p95'), 'p95'], [keyLine('p99'), 'p99'],
    data.control ? [keyLine('control'), 'control: answered, p99'] : null,
    data.faults.length > 0 ? [keyBox('fault-bar'), 'fault'] : null,
    kinds.has('leader') ? [mark('leader'), 'leader'] : null,
    kinds.has('process') ? [mark('process'), 'process'] : null,
    kinds.has('log') ? [mark('log'), 'agent or orchestrator'] : null,
  ];
  return el('ul', {class: 'key'}, rows.filter(Boolean).map((row) => el('li', {}, row)));
}

// `whenShown` runs what needs the page's width, and again whenever that changes.
function timelineSection(data, whenShown) {
  const chart = svg('svg', {class: 'chart', tabindex: 0, role: 'group', id: 'timeline',
    'aria-label': 'Timeline of the run: answers, errors and latency. Use the arrow keys.'});
  const readout = el('dl', {class: 'readout', 'aria-live': 'polite'});
  let plan = null;
  whenShown(chart, (width) => { plan = drawTimeline(data, chart, width); });
  restingReadout(data, readout);
  addCursor(data, chart, readout, () => plan);
  const note = data.control
    ? 'The dashed line is the control: the same scenario and seed without its faults.'
    : 'Without a control run beside it: squall report RUN.squall --html FILE --control CONTROL.squall';
  return section('Timeline', el('figure', {}, readout, chart, legend(data)),
    el('h3', {}, 'Baseline, faults, recovery'), phasesTable(data), el('p', {class: 'note'}, note));
}
