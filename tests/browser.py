"""A phone-sized Chromium without a network of its own, driven over WebDriver's plain JSON."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from importlib.resources import files
from pathlib import Path

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
]
PATIENCE = 900  # seconds for one script: axe on a whole report, on a machine that does other things too
INSTALLED = bool(shutil.which("chromium") and shutil.which("chromedriver"))


class Browser:
    """One Chromium with a fresh profile; downloads go to ``folder``."""

    def __init__(self, folder: Path, *, width: int = 360, height: int = 740) -> None:
        self.downloads = folder / "downloads"
        self.downloads.mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.root = f"http://127.0.0.1:{port}"
        # Straight to this machine: a proxy of the environment has no part in it.
        self.open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self.process = subprocess.Popen(
            [shutil.which("chromedriver"), f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self._until(lambda: self._call("GET", "/status")["ready"], 30)
            self.root += f"/session/{self._call('POST', '/session', self._wanted(folder))['sessionId']}"
        except BaseException:
            self._stop()
            raise
        self.resize(width, height)

    def _wanted(self, folder: Path) -> dict:
        options = {
            "binary": shutil.which("chromium"),
            "args": [*FLAGS, f"--user-data-dir={folder / 'profile'}"],
            "prefs": {"download.default_directory": str(self.downloads), "download.prompt_for_download": False},
        }
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        return {
            "capabilities": {
                "alwaysMatch": {
                    "browserName": "chrome",
                    "unhandledPromptBehavior": "accept",
                    "timeouts": {"script": 1000 * PATIENCE},
                    **wanted,
                }
            }
        }

    def _call(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with self.open(request, timeout=PATIENCE) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from error

    def _until(self, happened, seconds: float):
        deadline = time.monotonic() + seconds
        while True:
            try:
                if found := happened():
                    return found
            except (urllib.error.URLError, ConnectionError):
                pass
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.05)

    def close(self) -> None:
        try:
            self._call("DELETE", "")
        finally:
            self._stop()

    def _stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    # The page -------------------------------------------------------------------------------------

    def resize(self, width: int, height: int) -> None:
        """Size of the page itself: a headless window cannot be as narrow as a phone."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=True
        )

    def devtools(self, command: str, **parameters):
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def visit(self, path: Path) -> None:
        self._call("POST", "/url", {"url": path.as_uri()})

    def reload(self) -> None:
        self._call("POST", "/refresh", {})

    def run(self, script: str, *arguments):
        """What ``script`` returns, its arguments as ``arguments``."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_until_done(self, script: str, *arguments):
        """What ``script`` hands to its last argument, a function."""
        return self._call("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def find(self, css: str) -> str:
        return self._call("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def tap(self, css: str) -> None:
        """A real click in the middle of what ``css`` finds: nothing may cover it."""
        self._call("POST", f"/element/{self.find(css)}/click", {})

    def type(self, css: str, text: str) -> None:
        self._call("POST", f"/element/{self.find(css)}/value", {"text": text})

    def press(self, *keys: str) -> None:
        """Keys to whatever has the focus."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": strokes}]})

    def accept(self) -> str:
        """Say yes to the question that the page asks; its words."""
        words = self._call("GET", "/alert/text")
        self._call("POST", "/alert/accept", {})
        return words

    def faults(self) -> list[tuple[str, list[str]]]:
        """What axe finds on the page with all of it unfolded, best practices too, and where."""
        self.run("document.querySelectorAll('details').forEach(each => each.open = true)")
        self.run(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8") + "; window.axe = axe")
        # A picture is one thing to axe, with its title and description; its thousands of strokes only take time.
        self.run("document.querySelectorAll('svg > :not(title, desc)').forEach(each => each.remove())")
        said = (
            "const done = arguments[0];"
            "axe.run({resultTypes: ['violations']}).then(r => done(JSON.stringify(r.violations)))"
        )
        found = json.loads(self.run_until_done(said))
        return [(fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in found]

    def log(self, kind: str) -> list[dict]:
        return self._call("POST", "/se/log", {"type": kind})

    def requests(self) -> list[str]:
        """Addresses that pages asked for since the last call."""
        events = (json.loads(line["message"])["message"] for line in self.log("performance"))
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        shot = self.devtools("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def downloaded(self, pattern: str = "*.json") -> Path:
        """The file that was saved last, once it is whole."""

        def newest():
            if list(self.downloads.glob("*.crdownload")):
                return None
            return max(self.downloads.glob(pattern), key=lambda p: p.stat().st_mtime_ns, default=None)

        return self._until(newest, 20)
