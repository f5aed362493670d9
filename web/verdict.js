// The verdict, then what each check says.
const SIGNS = {good: '✓', bad: '✗', open: '?'};
const TONES = {valid: 'good', violated: 'bad', unknown: 'open'};

function verdictHead(data) {
  const verdict = data.verdict;
  const reasons = [
    ...verdict.invalid.map((reason) => `Invalid: ${reason}`),
    ...verdict.doubts.map((doubt) => `Doubt: ${doubt}`),
  ].filter((reason) => !verdict.sentence.endsWith(reason.replace(/^\w+: /, '')));
  const sentence = verdict.sentence.replace(/^as expected(, a violation)?: /i,
    (_, violation) => (violation ? 'A violation: ' : ''));
  return el('header', {},
    el('div', {class: `verdict ${verdict.tone}`},
      el('p', {class: 'scenario'}, verdict.scenario,
        verdict.is_control ? ' · control run, without its faults' : ''),
      el('h1', {}, el('span', {class: 'sign', 'aria-hidden': 'true'}, `${SIGNS[verdict.tone]} `),
        verdict.headline),
      el('p', {class: 'sentence'}, sentence.charAt(0).toUpperCase() + sentence.slice(1)),
      el('p', {class: 'meaning'}, `Exit ${verdict.code}: ${verdict.meaning}.`),
      reasons.length > 0 ? el('ul', {}, reasons.map((reason) => el('li', {}, reason))) : null),
    verdict.why ? el('p', {class: 'why'}, el('b', {}, 'What it asks. '), verdict.why) : null,
    factList([
      ['Operations', countText(verdict.operations)],
      ['Length', lengthText(data.end)],
      ['Faults', countText(data.faults_in_all)],
      ['Seed', verdict.seed],
      ['Arena', verdict.arena],
      ['Started', verdict.started.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ], 'facts top-facts'),
    el('p', {class: 'label'}, 'Run it again'),
    el('code', {class: 'command'}, verdict.command));
}

function checkRow(check) {
  const tone = TONES[check.answer] || 'open';
  return el('div', {class: 'check'},
    el('div', {class: `answer ${tone}`}, `${SIGNS[tone]} ${check.answer}`),
    el('div', {class: 'name'}, check.name, ' ',
      el('span', {class: 'examined'}, `· ${countText(check.examined)} examined`)),
    el('div', {class: 'body'}, el('p', {}, check.summary),
      check.facts.length > 0 ? factList(check.facts) : null));
}

function checksSection(data) {
  if (data.checks.length === 0) {
    return section('Checks', el('p', {class: 'note'}, 'The scenario has no checks.'));
  }
  return section('Checks', data.checks.map(checkRow));
}

function phasesTable(data) {
  const number = (text) => el('td', {class: 'number'}, text);
  const rate = (sums) => sums.answered / ((sums.to - sums.from) / SECOND);
  const cells = (sums) => [rateText(rate(sums)), countText(sums.offered), countText(sums.failed),
    countText(sums.unknown), latencyText(sums.p50), latencyText(sums.p95), latencyText(sums.p99),
    latencyText(sums.max)].map(number);
  const rows = data.phases.flatMap((phase) => [
    el('tr', {class: phase.control ? 'has-control' : null}, el('td', {}, phase.name),
      cells(phase.run)),
    phase.control ? el('tr', {class: 'of-control'}, el('td', {}, 'control'), cells(phase.control))
      : null,
  ].filter(Boolean));
  const head = ['answered/s', 'offered', 'failed', 'unknown', 'p50', 'p95', 'p99', 'slowest']
    .map((name) => el('th', {class: 'number'}, name));
  return table('phases', [el('th', {}, 'span'), ...head], rows);
}
