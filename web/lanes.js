// Faults behind all panels, and one lane for each node below them.
const BAND_ROW = 17;
const LANE = 24;

function faultTimes(fault, end) {
  const isApplied = fault.start > 0 || fault.requested_start <= 0;
  const from = isApplied ? fault.start : fault.requested_start;
  return {from, to: fault.is_event ? from : Math.min(fault.end === null ? end : fault.end, end)};
}

// The faults' names stand above the panels in as many rows as they need.
function placeBands(data, x, left, right) {
  const places = data.faults.map((fault) => {
    const {from, to} = faultTimes(fault, data.end);
    const text = fitted(fault.id, Math.min(180, right - left - 12), 600);
    const width = textWidth(text, 600) + (fault.is_event ? 12 : 4);
    const start = Math.min(x(from), right - width);
    return {fault, text, start, width, from: x(from), to: Math.max(x(to), x(from) + 1)};
  }).sort((a, b) => a.start - b.start);
  const rows = rowsFor(places.map(({start, width}) => ({from: start, to: start + width})));
  places.forEach((place, i) => { place.row = rows[i]; });
  return {places, rows: rows.length > 0 ? Math.max(...rows) + 1 : 0};
}

function drawBands(bands, top, bottom) {
  return bands.places.flatMap(({fault, text, start, from, to, row}) => {
    const y = top + row * BAND_ROW;
    const title = svg('title', {}, `${fault.id}: ${fault.kind} on ${fault.targets}`);
    if (fault.is_event) {
      return [
        svg('line', {class: 'band-edge', x1: from, x2: from, y1: y + 12, y2: bottom}),
        svg('path', {class: 'event', d: `M${start} ${y + 3}h8l-4 8z`}),
        svg('text', {class: 'fault-label', x: start + 11, y: y + 12}, text, title),
      ];
    }
    return [
      svg('rect', {class: 'band', x: from, width: to - from, y, height: bottom - y}),
      svg('line', {class: 'band-edge', x1: from, x2: from, y1: y, y2: bottom}),
      svg('line', {class: 'band-edge', x1: to, x2: to, y1: y, y2: bottom}),
      svg('text', {class: 'fault-label', x: start + 3, y: y + 12}, text, title),
    ];
  });
}

// Faults that overlap on a node share its lane, each with its part of the height.
function laneFaults(data, node, y, x) {
  const own = data.faults.filter((fault) => fault.nodes.includes(node));
  const places = own.map((fault) => {
    const {from, to} = faultTimes(fault, data.end);
    return {fault, from: x(from), to: Math.max(x(to), x(from) + 2)};
  }).sort((a, b) => a.from - b.from);
  const rows = rowsFor(places, 0);
  const height = 14 / (rows.length > 0 ? Math.max(...rows) + 1 : 1);
  return places.map(({fault, from, to}, i) => {
    const top = y - 7 + rows[i] * height;
    const title = svg('title', {}, `${fault.id}: ${fault.kind} ${fault.parameters}`);
    if (fault.is_event) {
      return svg('path', {class: 'event', d: `M${from - 5} ${top}h10l-5 9z`}, title);
    }
    return svg('rect', {class: 'fault-bar', x: from, width: to - from, y: top + 1,
      height: Math.max(2, height - 2), rx: 2}, title);
  });
}

function laneMark(mark, x, y) {
  const title = svg('title', {}, `${momentText(mark.at, 3)}  ${mark.text}`);
  if (mark.kind === 'leader') {
    return svg('path', {class: 'mark-leader', d: `M${x} ${y - 6}l5 6-5 6-5-6z`}, title);
  }
  if (mark.kind === 'process') {
    return svg('circle', {class: 'mark-process', cx: x, cy: y, r: 3.5}, title);
  }
  return svg('line', {class: 'mark-log', x1: x, x2: x, y1: y - 5, y2: y + 5}, title);
}

// Marks of the whole run ("") stand in a lane of their own, which is there only if it has some.
function laneNames(data) {
  const hasOthers = data.lanes.marks.some((mark) => !data.lanes.nodes.includes(mark.node));
  return hasOthers ? [...data.lanes.nodes, ''] : data.lanes.nodes;
}

function drawLanes(frame) {
  const {data} = frame;
  return laneNames(data).flatMap((node, i) => {
    const y = frame.top + i * LANE + LANE / 2;
    const name = fitted(node || 'run', frame.left - 12);
    const marks = data.lanes.marks.filter((mark) =>
      (data.lanes.nodes.includes(mark.node) ? mark.node : '') === node);
    return [
      svg('line', {class: 'lane', x1: frame.left, x2: frame.right, y1: y, y2: y}),
      svg('text', {class: 'node', x: frame.left - 8, y: y + 4, 'text-anchor': 'end'}, name),
      ...laneFaults(data, node, y, frame.x),
      ...marks.map((mark) => laneMark(mark, frame.x(mark.at), y)),
    ];
  });
}
