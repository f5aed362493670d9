// SVG elements, and text that knows its width before it is drawn.
const SVG = 'http://www.w3.org/2000/svg';

function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue;
    made.setAttribute(name, typeof value === 'number' ? +value.toFixed(2) : value);
  }
  append(made, children);
  return made;
}

const ruler = document.createElement('canvas').getContext('2d');

function textWidth(text, weight = 400) {
  ruler.font = `${weight} 12px ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(text).width * 1.04;  // a little more than the canvas says: no overlap
}

// The longest beginning of the text that fits, with "…" where something is missing.
function fitted(text, width, weight = 400) {
  if (textWidth(text, weight) <= width) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (textWidth(`${text.slice(0, middle)}…`, weight) <= width) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : `${text.slice(0, low)}…`;
}

// Puts [from, to] intervals into as few rows as keep them apart; gives each its row.
function rowsFor(intervals, gap = 8) {
  const ends = [];
  return intervals.map(({from, to}) => {
    let row = ends.findIndex((end) => end + gap <= from);
    if (row < 0) row = ends.length;
    ends[row] = to;
    return row;
  });
}
