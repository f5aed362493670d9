#!/usr/bin/env python3
"""Size of the report's page and how long a browser takes to load and draw it.

  bench/report_page.py PAGE.html [LOADS]

Each load is a new tab; an empty page beside it shows what the browser itself costs.  From the start
of the navigation, in ms: the document parsed, everything drawn.  Prints medians.
"""
import pathlib
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/e2e"))
import _browser  # pylint: disable=wrong-import-position

EMPTY = ("<!doctype html><title>empty</title><script>document.documentElement.dataset.ready ="
         " 'true'</script>")
TIMES = ("(() => { const t = performance.getEntriesByType('navigation')[0];"
         "return [t.domContentLoadedEventEnd, performance.now()]; })()")


def times(browser, path, loads):
    """Medians of (parsed, drawn)."""
    seen = []
    for _ in range(loads):
        page = browser.page(width=1280)
        page.open(path)
        seen.append(page.evaluate(TIMES))
        page.close()
    return [statistics.median(column) for column in zip(*seen)]


def main():
    path = pathlib.Path(sys.argv[1])
    loads = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    with tempfile.TemporaryDirectory() as folder, _browser.Browser() as browser:
        empty = pathlib.Path(folder) / "empty.html"
        empty.write_text(EMPTY)
        print(f"size    {path.stat().st_size} bytes")
        for name, page in (("page", path), ("empty", empty)):
            parsed, drawn = times(browser, page, loads)
            print(f"{name:7} parsed {parsed:.0f} ms, drawn {drawn:.0f} ms (median of {loads})")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
