// Puts the page together.  What goes wrong in a script is counted on the root element, where the
// tests look, and shown to the reader.
const root = document.documentElement;
root.dataset.errors = 0;

function reportError(what) {
  root.dataset.errors = Number(root.dataset.errors) + 1;
  document.getElementById('page').append(
    el('p', {class: 'not'}, `This page could not be drawn whole: ${what}`));
}

addEventListener('error', (event) => reportError(event.message));
addEventListener('unhandledrejection', (event) => reportError(String(event.reason)));

const pictures = [];

// Draws `element` once the page stands, and again whenever its width changes: also inside <details>,
// where it has none at first.
function whenShown(element, draw) {
  let last = 0;
  const look = () => {
    const width = Math.floor(element.getBoundingClientRect().width);
    if (width < 50 || width === last) return;
    last = width;
    draw(width);
  };
  pictures.push(look);
  // In the next frame: drawing inside the observer's own turn would call it again in that turn.
  new ResizeObserver(() => requestAnimationFrame(look)).observe(element);
}

function footer(data) {
  return el('footer', {}, section('Environment', factList([...data.environment,
    ['topology', data.verdict.topology], ['run ended', data.verdict.ending || 'cut off']])),
    el('p', {class: 'label'}, 'History digest'), el('code', {class: 'digest'}, data.digest),
    data.resolved ? el('details', {}, el('summary', {}, 'The scenario as it was run'),
      el('pre', {}, data.resolved)) : null);
}

// For tests, on request by "#self-check": labels that touch each other, and what sticks out.
function selfCheck() {
  let overlaps = 0;
  for (const picture of document.querySelectorAll('svg.chart, svg.space-time')) {
    const boxes = [...picture.querySelectorAll('text')].map((text) => text.getBoundingClientRect())
      .filter((box) => box.width > 0);
    boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
      const isApart = a.right <= b.left + 0.5 || b.right <= a.left + 0.5 ||
        a.bottom <= b.top + 3 || b.bottom <= a.top + 3;
      overlaps += isApart ? 0 : 1;
    }));
  }
  root.dataset.overlaps = overlaps;
  root.dataset.overflow = Math.max(0, root.scrollWidth - root.clientWidth);
}

function build() {
  const data = JSON.parse(document.getElementById('data').textContent);
  document.getElementById('page').append(verdictHead(data), checksSection(data),
    timelineSection(data, whenShown), faultsSection(data), ...witnessSections(data, whenShown),
    logsSection(data), footer(data));
  root.dataset.operations = data.verdict.operations;
  root.dataset.logs = document.querySelectorAll('.log').length;
  root.dataset.checks = document.querySelectorAll('.check').length;
  pictures.forEach((look) => look());
  if (location.hash === '#self-check') selfCheck();
  root.dataset.ready = 'true';
}

build();
