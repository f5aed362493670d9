// Log lines around what matters, with a filter.  Logs are a stranger's text: text nodes only.
function logRow([at, node, process, text], logs) {
  const from = [node, process].filter(Boolean).join('/');
  const isNear = at >= logs.from && at <= logs.to;
  return el('div', {class: isNear ? 'log near' : 'log', 'data-from': from},
    el('span', {class: 'at'}, momentText(at, 3)), el('span', {class: 'from', title: from}, from),
    el('span', {class: 'text'}, text));
}

function applyFilter(rows, wanted, from, count) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word)) ||
      (from !== '' && row.dataset.from !== from);
    shown += row.hidden ? 0 : 1;
  }
  count.textContent = `${countText(shown)} of ${plural(rows.length, 'line')}`;
}

function logsSection(data) {
  const {logs} = data;
  if (logs.lines.length === 0) {
    return section('Logs', el('p', {class: 'note'}, 'The run recorded no log lines.'));
  }
  const rows = logs.lines.map((line) => logRow(line, logs));
  const sources = [...new Set(rows.map((row) => row.dataset.from))].sort();
  const words = el('input', {type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the logs'});
  const from = el('select', {'aria-label': 'Whose logs'}, el('option', {value: ''}, 'all processes'),
    sources.map((source) => el('option', {value: source}, source)));
  const count = el('span', {class: 'note', role: 'status'});
  const update = () => applyFilter(rows, words.value, from.value, count);
  words.addEventListener('input', update);
  from.addEventListener('change', update);
  update();
  const list = el('div', {class: 'logs', tabindex: 0, role: 'log', 'aria-label': 'Log lines'}, rows);
  const near = rows.find((row) => row.classList.contains('near')) ||
    rows[logs.lines.findIndex(([at]) => at >= logs.from)];
  requestAnimationFrame(() => { if (near) list.scrollTop = near.offsetTop - list.offsetTop - 60; });
  const left = logs.in_all - logs.lines.length;
  const title = `Around ${logs.anchor}.` +
    (left > 0 ? ` ${countText(left)} lines further away are in the run file.` : '');
  return section('Logs', el('p', {class: 'note'}, title),
    el('div', {class: 'filters'}, words, from, count), list);
}
