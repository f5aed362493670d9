// Requested and achieved, side by side, with the evidence for it.
// What the scenario did not ask for is no fault of the fault.
function gradeItem(name, holds, isExpected = true) {
  if (holds) return el('li', {class: 'ok'}, `✓ ${name}`);
  return isExpected ? el('li', {class: 'not'}, `✗ not ${name}`)
    : el('li', {class: 'note'}, `– not ${name}, nor asked to be`);
}

function faultTimesTable(fault) {
  const number = (text) => el('td', {class: 'number'}, text);
  const row = (name, requested, achieved) =>
    [name, number(requested === null ? '–' : momentText(requested)),
      number(achieved === null ? 'never' : momentText(achieved)),
      number(requested === null || achieved === null ? '–'
        : `${achieved >= requested ? '+' : '−'}${lengthText(Math.abs(achieved - requested))}`)];
  const rows = [row(fault.is_event ? 'at' : 'start', fault.requested_start, fault.start)];
  if (!fault.is_event) rows.push(row('end', fault.requested_end, fault.end));
  const length = (from, to) => (to === null ? 'never' : lengthText(to - from));
  if (!fault.is_event) {
    const asked = fault.requested_end - fault.requested_start;
    const off = fault.end === null ? null : fault.end - fault.start - asked;
    rows.push(['lasted', number(lengthText(asked)), number(length(fault.start, fault.end)),
      number(off === null ? '–' : `${off >= 0 ? '+' : '−'}${lengthText(Math.abs(off))}`)]);
  }
  const head = ['requested', 'achieved', 'off by'].map((name) => el('th', {class: 'number'}, name));
  return table('times', [el('th', {}), ...head], rows);
}

// Of exercised and consequential one row that holds is enough; only installed must hold throughout.
function evidenceSign(row) {
  if (row.holds) return el('span', {class: 'ok'}, '✓');
  return row.grade === 'installed' ? el('span', {class: 'not'}, '✗') : '–';
}

function evidenceTable(fault) {
  const tight = (text) => el('td', {class: 'tight'}, text);
  const rows = fault.evidence.map((row) => el('tr', {},
    tight(evidenceSign(row)),
    tight(row.grade), tight(row.moment), el('td', {class: 'number'}, momentText(row.at)),
    tight(row.node), el('td', {}, row.what), el('td', {}, row.expected.trim()),
    el('td', {}, row.observed.trim())));
  return table('evidence', ['', 'grade', 'moment', el('th', {class: 'number'}, 'at'), 'node', 'what',
    'expected', 'observed'], rows);
}

function faultBlock(fault) {
  const evidence = fault.evidence.length === 0 ? null : el('details', {},
    el('summary', {}, `${plural(fault.evidence.length, 'measurement')}` +
      (fault.evidence_more > 0 ? `, and ${countText(fault.evidence_more)} more in the run file` : '')),
    evidenceTable(fault));
  return el('article', {class: 'fault'},
    el('div', {}, el('h3', {}, fault.id, ' ', el('span', {}, fault.kind)),
      el('p', {}, fault.targets),
      fault.parameters ? el('p', {class: 'mono'}, fault.parameters) : null,
      fault.selected_by ? el('p', {class: 'note'}, fault.selected_by) : null,
      el('ul', {class: 'grades'}, gradeItem('installed', fault.installed),
        gradeItem('exercised', fault.exercised, fault.is_exercise_expected),
        gradeItem('consequential', fault.consequential, fault.is_consequence_expected)),
      fault.not_installed ? el('p', {class: 'not'}, fault.not_installed) : null),
    el('div', {}, faultTimesTable(fault),
      el('p', {class: fault.ending === 'healed' || fault.is_event ? 'note' : 'not'},
        fault.ending ? `Ending: ${fault.ending}` : 'No ending was recorded')),
    evidence);
}

function faultsSection(data) {
  if (data.faults.length === 0) {
    return section('Faults', el('p', {class: 'note'}, data.verdict.is_control
      ? 'None: this is a control run.' : 'None.'));
  }
  const left = data.faults_in_all - data.faults.length;
  return section('Faults', data.faults.map(faultBlock),
    left > 0 ? el('p', {class: 'note'}, `${plural(left, 'more fault')} in the run file.`) : null);
}
