"""A headless Chromium, driven over its DevTools pipe: pages at a chosen width and theme.

Nothing waits for a time: every call waits for the answer to it, or for the event it names.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile

PATIENCE = 120  # seconds: far more than any step needs
NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")


def find():
    """The browser's path, or None."""
    said = os.environ.get("SQUALL_CHROMIUM")
    return said or next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One browser with a profile of its own, gone with the `with`."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="squall-browser-")
        to_browser, self.out = os.pipe()
        self.inn, from_browser = os.pipe()
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--no-first-run", "--disable-extensions", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                 "--force-color-profile=srgb", "--remote-debugging-pipe",
                 f"--user-data-dir={self.profile.name}", "about:blank"]

        def place():  # the pipe's ends are 3 and 4 in the browser, whatever they are here
            reading, writing = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self.process = subprocess.Popen(
            [find(), *flags], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=place, pass_fds=(3, 4), start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self.rest, self.number, self.events = b"", 0, []
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
        except (OSError, EOFError, RuntimeError):
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.inn)
        self.profile.cleanup()

    def message(self):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.inn], [], [], PATIENCE)
            if not ready:
                raise EOFError("the browser says nothing")
            chunk = os.read(self.inn, 1 << 20)
            if not chunk:
                raise EOFError("the browser has ended")
            self.rest += chunk
        text, _, self.rest = self.rest.partition(b"\0")
        return json.loads(text)

    def call(self, method, session=None, **params):
        self.number += 1
        wanted = {"id": self.number, "method": method, "params": params}
        if session:
            wanted["sessionId"] = session
        text = json.dumps(wanted).encode() + b"\0"
        while text:
            text = text[os.write(self.out, text):]
        while True:
            got = self.message()
            if got.get("id") == self.number:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']}")
                return got["result"]
            self.events.append(got)

    def page(self, **options):
        return Page(self, **options)


class Page:
    """A tab with a width and a theme; remembers what went wrong in it."""

    def __init__(self, browser, width=1280, height=900, theme="light"):
        self.browser, self.width, self.height = browser, width, height
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target,
                                    flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": theme}])

    def call(self, method, **params):
        return self.browser.call(method, session=self.session, **params)

    def mine(self, *methods):
        return [event["params"] for event in self.browser.events
                if event.get("sessionId") == self.session and event.get("method") in methods]

    def open(self, path, fragment=""):
        """Until the page's load event, and until it says that it is drawn."""
        self.call("Page.navigate", url=f"file://{os.path.abspath(path)}{fragment}")
        while not self.mine("Page.loadEventFired"):
            self.browser.events.append(self.browser.message())
        self.wait_for("document.documentElement.dataset.ready === 'true'")

    def wait_for(self, condition):
        self.evaluate("new Promise(done => { const look = () => "
                      f"({condition}) ? done(true) : requestAnimationFrame(look); look(); }})")

    def evaluate(self, code):
        got = self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in got:
            raise RuntimeError(f"{code}: {got['exceptionDetails']}")
        return got["result"].get("value")

    def complaints(self):
        """Script errors and what the content security policy refused."""
        thrown = [one["exceptionDetails"]["text"] for one in self.mine("Runtime.exceptionThrown")]
        logged = [one["entry"]["text"] for one in self.mine("Log.entryAdded")
                  if one["entry"]["level"] == "error"]
        return thrown + logged

    def requests(self):
        return [one["request"]["url"] for one in self.mine("Network.requestWillBeSent")]

    def key(self, name):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name)

    def move_to(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def screenshot(self, path, whole=True):
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": self.width, "height": size["height"], "scale": 1}
            got = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        else:
            got = self.call("Page.captureScreenshot")
        with open(path, "wb") as file:
            file.write(base64.b64decode(got["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
