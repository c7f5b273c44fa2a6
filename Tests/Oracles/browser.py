"""A headless Chromium, driven over the DevTools protocol through two pipes: no port, no driver, no library."""

import base64
import fcntl
import json
import os
import shutil
import select
import subprocess
import tempfile
import time


def executable():
    """The browser, or None where there is none."""
    named = os.environ.get("SEKISHO_BROWSER")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


# It resolves no name and speaks to nobody but loopback addresses, whatever it would like to.
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--disable-extensions", "--disable-domain-reliability", "--disable-breakpad", "--no-pings", "--metrics-recording-only",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1", "--force-color-profile=srgb",
    "--remote-debugging-pipe",
]


class Browser:
    """One browser with one page. What goes wrong in the page is kept in `problems`, where it asks in `requests`."""

    def __init__(self, seconds=60):
        self.directory = tempfile.TemporaryDirectory(prefix="sekisho-browser-", ignore_cleanup_errors=True)
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()
        # The browser reads from 3 and writes to 4, which may be anything here.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 16) for end in (to_browser, from_browser)]
        self.process = subprocess.Popen(
            [executable(), *FLAGS, f"--user-data-dir={self.directory.name}", "about:blank"], pass_fds=(3, 4),
            preexec_fn=lambda: (os.dup2(ends[0], 3), os.dup2(ends[1], 4)), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.directory.name})
        for end in [to_browser, from_browser, *ends]:
            os.close(end)
        self.buffer = b""
        self.last_id = 0
        self.session = None
        self.problems = []
        self.requests = []
        self.seconds = seconds
        self.open_page()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.write_end)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.read_end)
        self.directory.cleanup()

    def open_page(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network", "Audits", "Accessibility", "DOM"]:
            self.call(f"{domain}.enable")

    # The protocol: JSON texts that end with a zero octet.

    def call(self, method, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") != self.last_id:
                continue
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            return answer["result"]

    def receive(self):
        end = time.monotonic() + self.seconds
        while b"\0" not in self.buffer:
            if not select.select([self.read_end], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser says nothing")
            octets = os.read(self.read_end, 1 << 16)
            if not octets:
                raise EOFError("the browser has ended")
            self.buffer += octets
        text, _, self.buffer = self.buffer.partition(b"\0")
        message = json.loads(text)
        self.note(message.get("method"), message.get("params", {}))
        return message

    def note(self, method, event):
        if method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Log.entryAdded" and event["entry"]["level"] == "error":
            self.problems.append(f"{event['entry']['text']} {event['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            self.problems.append(str(event["args"]))
        elif method == "Audits.issueAdded" and "ContentSecurity" in event["issue"]["code"]:
            self.problems.append(json.dumps(event["issue"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(event["request"]["url"])

    # What a person does.

    def go(self, url):
        self.call("Page.navigate", url=url)

    def run(self, expression):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, expression, seconds=20):
        """Waits until an expression is true; whether it became so. What fails is not there yet."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.run(f"(() => {{ try {{ return Boolean({expression}); }} catch {{ return false; }} }})()"):
                return True
            time.sleep(0.05)
        return False

    def place(self, selector):
        """The middle of an element, once it can be seen."""
        return self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}});"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()")

    def click(self, selector):
        # What comes in above it may still move it.
        place, last = None, ()
        for _ in range(40):
            place, last = self.place(selector), place
            if place == last:
                break
            time.sleep(0.1)
        self.mouse(*place)
        for kind in ["mousePressed", "mouseReleased"]:
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def mouse(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def press(self, key, shift=False):
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowUp": 38, "ArrowDown": 40, "End": 35, "Home": 36}
        texts = {"Enter": "\r", " ": " "}
        event = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": codes[key],
                 "modifiers": 8 if shift else 0}
        self.call("Input.dispatchKeyEvent", type="keyDown", **event, **({"text": texts[key]} if key in texts else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def media(self, **features):
        """Such as prefers_color_scheme="dark"."""
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def window(self, width, height, is_phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if is_phone else 1,
                  mobile=is_phone)
        self.call("Emulation.setTouchEmulationEnabled", enabled=is_phone)

    def set_online(self, is_online):
        self.call("Network.emulateNetworkConditions", offline=not is_online, latency=0, downloadThroughput=-1,
                  uploadThroughput=-1)

    def screenshot(self, path, is_whole=False):
        octets = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=is_whole)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(octets))

    def unnamed(self):
        """Roles of what can be operated and has no name for those who don't see it."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        operable = {"button", "textbox", "searchbox", "combobox", "link", "dialog", "img"}
        return [node["role"]["value"] for node in nodes if not node.get("ignored")
                and node.get("role", {}).get("value") in operable and not node.get("name", {}).get("value")]
