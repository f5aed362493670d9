// Elements from data.  Text goes in as text nodes only: nothing of a run is ever parsed as markup.
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue;
    made.setAttribute(name, value);
  }
  append(made, children);
  return made;
}

function append(parent, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === '') continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

function factList(pairs, className = 'facts') {
  return el('dl', {class: className},
    pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}

function table(className, head, rows) {
  const cells = (row, tag) => row.map((cell) =>
    cell instanceof Node && /^t[dh]$/i.test(cell.tagName) ? cell : el(tag, {}, cell));
  return el('div', {class: 'scroll'}, el('table', {class: className},
    el('thead', {}, el('tr', {}, cells(head, 'th'))),
    el('tbody', {}, rows.map((row) =>
      row instanceof Node ? row : el('tr', {}, cells(row, 'td'))))));
}

function section(title, ...children) {
  const id = `part-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  return el('section', {'aria-labelledby': id}, el('h2', {id}, title), ...children);
}
