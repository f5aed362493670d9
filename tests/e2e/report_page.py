"""The HTML report of a real run, in a browser, at two widths by day and by night: no script error,
nothing loaded from anywhere, no label on another, and the numbers drawn are the run file's.

Skips aloud where there is no Chromium; under CI that is a failure.
"""
import functools
import json
import os
import pathlib
import sqlite3
import tempfile

import _browser
from _squall_e2e import RETRIABLE, Skip, check, equal, main, need, squall

SCENARIO = "scenarios/etcd-lock-unsafe.yaml"
SHOWN = [(width, theme) for width in (1280, 390) for theme in ("light", "dark")]
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"throw 1\"><b>|"

OPERATIONS = """
SELECT o.outcome, o.sent_ns - o.wait_ns, o.sent_ns + o.took_ns,
       coalesce((SELECT data FROM history_values WHERE value = o.error), '')
FROM operations AS o"""


class Pair:
    """A run and its control, recorded once for all tests, with a stranger's text in its logs."""

    def __init__(self, folder):
        if not _browser.find():
            check(os.environ.get("CI") != "true", "a browser is here: ./dev test installs one")
            raise Skip("no chromium here: ./dev test installs it")
        need("etcd")
        self.folder = pathlib.Path(folder)
        self.page = self.folder / "page.html"
        self.run = self.record("run")
        self.control = self.record("control", "--control")
        self.write_hostile_lines()
        self.report("--html", self.page, "--control", self.control)
        self.database = sqlite3.connect(self.run)

    def record(self, name, *more):
        for attempt in (1, 2):
            path = self.folder / f"{name}-{attempt}.squall"
            done = squall("run", SCENARIO, "--out", path, "--html", self.folder / f"{name}.html",
                          "--markdown", self.folder / f"{name}.markdown", *more)
            if done.code not in RETRIABLE:
                equal(done.code, 0, f"the exit code of the {name}", done)
                break
        return path

    def write_hostile_lines(self):
        with sqlite3.connect(self.run) as database:
            at = database.execute("SELECT start_ns FROM faults").fetchone()[0]
            database.executemany("INSERT INTO logs VALUES (?, 'e1', 'etcd', ?)",
                                 [(at + i, HOSTILE) for i in range(3)])

    def report(self, *words):
        done = squall("report", self.run, *words)
        equal(done.code, 0, "the exit code of the report", done)
        return done

    def data(self):
        text = self.page.read_text(encoding="utf-8")
        start = text.index('id="data">') + len('id="data">')
        return json.loads(text[start:text.index("</script>", start)])

    def windows(self, width, count):
        """What the chart's columns must be, counted from the run file row by row."""
        rows = [{"offered": 0, "answered": 0, "failed": 0, "unknown": 0, "took": []}
                for _ in range(count)]

        def at(ns):
            return rows[max(0, min(count - 1, ns // width))]
        for outcome, scheduled, completed, error in self.database.execute(OPERATIONS):
            window = at(scheduled)
            window["offered"] += 1
            if outcome == 0 or (outcome == 1 and error.startswith("answer: ")):
                window["took"].append(completed - scheduled)
                at(completed)["answered"] += 1
            else:
                window["failed" if outcome == 1 else "unknown"] += 1
        return rows


PLACE = tempfile.TemporaryDirectory(prefix="squall-report-")


@functools.cache
def recorded():
    """The pair, made by the first test that asks for it."""
    return Pair(PLACE.name)


def rank(values, percent):
    """Nearest rank, in µs as the page has it."""
    if not values:
        return None
    return (sorted(values)[-(-len(values) * percent // 100) - 1] + 500) // 1000


def chart(page):
    return page.evaluate("({...document.getElementById('timeline').dataset})")


def root(page):
    return page.evaluate("({...document.documentElement.dataset})")


def each_look(pair):
    with _browser.Browser() as browser:
        for width, theme in SHOWN:
            page = browser.page(width=width, theme=theme)
            page.open(pair.page, "#self-check")
            yield f"at {width} pixels, {theme}", page
            page.close()


def the_page_has_no_error_and_loads_nothing(_):
    pair = recorded()
    for look, page in each_look(pair):
        equal(page.complaints(), [], f"what the browser complains about {look}")
        equal(root(page)["errors"], "0", f"the number of script errors {look}")
        others = [url for url in page.requests() if url.partition("#")[0] != f"file://{pair.page}"]
        equal(others, [], f"what the page asks for {look}")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        is_dark = sum(map(int, ground[4:-1].split(","))) < 384
        equal("dark" if is_dark else "light", look.rpartition(" ")[2], f"the theme {look}")


def no_label_lies_on_another_and_nothing_sticks_out(_):
    pair = recorded()
    for look, page in each_look(pair):
        equal(root(page)["overlaps"], "0", f"the number of labels that touch {look}")
        equal(root(page)["overflow"], "0", f"how far the page is too wide {look}")


def the_columns_are_those_of_the_run_file(_):
    pair = recorded()
    series = pair.data()["series"]
    expected = pair.windows(series["width"], len(series["offered"]))
    for name in ("offered", "answered", "failed", "unknown"):
        equal(series[name], [row[name] for row in expected], f"the column {name}")
    for name, percent in (("p50", 50), ("p95", 95), ("p99", 99), ("max", 100)):
        equal(series[name], [rank(row["took"], percent) for row in expected], f"the column {name}")


def what_is_drawn_is_the_whole_run(_):
    pair = recorded()
    ask = pair.database.execute
    count = ask("SELECT count(*) FROM operations").fetchone()[0]
    expected = pair.windows(1 << 62, 1)[0]
    data = pair.data()
    for look, page in each_look(pair):
        equal(int(root(page)["operations"]), count, f"the operations {look}")
        drawn = chart(page)
        for name in ("offered", "answered", "failed", "unknown"):
            equal(int(drawn[name]), expected[name], f"{name} as drawn {look}")
        equal(int(drawn["p99"]), max(p for p in data["series"]["p99"] if p is not None),
              f"the highest p99 {look}")
        equal(int(drawn["faults"]), ask("SELECT count(*) FROM faults").fetchone()[0],
              f"the fault bands {look}")
        nodes = {row[0] for row in ask("SELECT node FROM agents")}
        equal(int(drawn["lanes"]), len(nodes), f"the lanes {look}")
        equal(int(root(page)["checks"]), ask("SELECT count(*) FROM verdicts").fetchone()[0],
              f"the checks {look}")


def the_witness_is_drawn_with_all_its_operations(_):
    pair = recorded()
    detail = json.loads(pair.database.execute("SELECT detail FROM verdicts").fetchone()[0])
    wanted = detail["witnesses"][0]["operations"]
    shown = pair.data()["checks"][0]["witnesses"][0]
    equal([op["index"] for op in shown["operations"]], wanted, "the witness's operations")
    lanes = {op["process"] for op in shown["operations"]}
    for look, page in each_look(pair):
        picture = page.evaluate("({...document.querySelector('svg.space-time').dataset})")
        equal(int(picture["operations"]), len(wanted), f"the operations drawn {look}")
        equal(int(picture["lanes"]), len(lanes), f"the processes drawn {look}")
        equal(page.evaluate("document.querySelectorAll('svg.space-time')[0]"
                            ".querySelectorAll('.op').length"), len(wanted), f"the bars {look}")


def a_strangers_log_line_stays_text(_):
    pair = recorded()
    with _browser.Browser() as browser:
        page = browser.page()
        page.open(pair.page)
        check(page.evaluate("document.title") != "owned", "no log line ran as a script")
        equal(page.evaluate("document.images.length"), 0, "the number of images")
        seen = page.evaluate("[...document.querySelectorAll('.log .text')].map(e => e.textContent)")
        equal(seen.count(HOSTILE), 3, "how often the line stands there, as it was written")


def the_keyboard_reads_out_each_window(_):
    pair = recorded()
    series = pair.data()["series"]
    last = len(series["offered"]) - 1
    with _browser.Browser() as browser:
        page = browser.page()
        page.open(pair.page)
        page.evaluate("document.getElementById('timeline').focus()")
        for key, window in (("Home", 0), ("ArrowRight", 1), ("PageDown", min(11, last)),
                            ("End", last), ("ArrowRight", last), ("ArrowLeft", last - 1)):
            page.key(key)
            equal(page.evaluate("document.querySelector('.readout').dataset.window"), str(window),
                  f"the window after {key}")
        said = page.evaluate("document.querySelector('.readout').textContent")
        check(f"failed{series['failed'][last - 1]}" in said, "the read-out says its numbers", said)


def the_filter_leaves_only_lines_that_match(_):
    pair = recorded()
    with _browser.Browser() as browser:
        page = browser.page(width=390)
        page.open(pair.page)
        page.evaluate("{ const input = document.querySelector('.filters input');"
                      "input.value = 'OWNED script'; input.dispatchEvent(new Event('input')); }")
        equal(page.evaluate("document.querySelectorAll('.log:not([hidden])').length"), 3,
              "the lines that match")


def the_control_stands_beside_the_run(_):
    pair = recorded()
    count = sqlite3.connect(pair.control).execute("SELECT count(*) FROM operations").fetchone()[0]
    data = pair.data()
    equal(sum(data["control"]["offered"]), count, "the control's operations")
    with _browser.Browser() as browser:
        page = browser.page()
        page.open(pair.page)
        equal(page.evaluate("document.querySelectorAll('svg.chart path.control').length"), 2,
              "the control's lines")
        equal(page.evaluate("document.querySelectorAll('tr.of-control').length"),
              len(data["phases"]), "the control's rows")


def a_run_that_is_no_control_is_refused(_):
    pair = recorded()
    done = squall("report", pair.run, "--html", "-", "--control", pair.run)
    equal((done.code, done.out), (2, ""), "exit code and output", done)
    check("with its faults; make one: squall run" in done.err, "it says how to make one", done)


def the_output_is_the_report_and_nothing_else(_):
    pair = recorded()
    equal(pair.report("--html", "-", "--control", pair.control).out,
          pair.page.read_text(encoding="utf-8"), "the page on standard output")
    text = pair.report("--markdown", "-").out
    check(text.startswith("### ✓ As expected: etcd-lock-unsafe\n"), "Markdown only", text)
    check(f"squall run {SCENARIO} --seed 7" in text, "it says how to run it again", text)
    check("<script" not in text, "nothing of it is markup", text)


main(the_page_has_no_error_and_loads_nothing,
     no_label_lies_on_another_and_nothing_sticks_out,
     the_columns_are_those_of_the_run_file,
     what_is_drawn_is_the_whole_run,
     the_witness_is_drawn_with_all_its_operations,
     a_strangers_log_line_stays_text,
     the_keyboard_reads_out_each_window,
     the_filter_leaves_only_lines_that_match,
     the_control_stands_beside_the_run,
     a_run_that_is_no_control_is_refused,
     the_output_is_the_report_and_nothing_else)
