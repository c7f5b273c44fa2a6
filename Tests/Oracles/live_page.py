"""Looks at the live page as people do, and says what it found: one line of JSON for each thing.

usage: live_page.py open|signed PAGE-URL DNS-ADDRESS:PORT DIRECTORY-FOR-SCREENSHOTS
"""

import json
import os
import random
import socket
import struct
import sys
import threading
import time
import traceback

from browser import Browser

HOSTILE = [
    b"<script>hacked=1</script>", b"\"><img src=x onerror=hacked=1>", b"'); hacked=1; ('", b"\x00\x1b[31mred\x07",
    "\u202eelpmaxe".encode(), b"${hacked=1}", b"&lt;b&gt;", b"a b\r\ndata: {}", b"\xff\xfe", b"..\\.", b"x" * 63,
]
LONG = [b"l" * 63, b"o" * 63, b"n" * 63, b"g" * 47]  # below block.example the longest there is


class Client(threading.Thread):
    """Asks for names, now and then as people do, until it is told to stop."""

    def __init__(self, server):
        super().__init__(daemon=True)
        host, _, port = server.rpartition(":")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((host, int(port)))
        self.socket.setblocking(False)
        self.is_over = threading.Event()
        self.is_quiet = threading.Event()

    def run(self):
        names = ["ads.block.example", "shop.example", "mail.example", "watch.alert.example", "news.example", "cdn.example",
                 "tracker.block.example", "video.example"]
        choice = random.Random(7)
        while not self.is_over.wait(choice.expovariate(12)):
            if not self.is_quiet.is_set():
                self.ask(choice.choice(names), choice.choice([1, 1, 28, 65]))

    def ask(self, name, qtype=1):
        self.ask_labels([label.encode() for label in name.split(".")], qtype)

    def ask_labels(self, labels, qtype=1):
        qname = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
        self.socket.send(struct.pack("!6H", random.randrange(1 << 16), 0x100, 1, 0, 0, 0) + qname + struct.pack("!2H", qtype, 1))
        try:
            while True:
                self.socket.recv(4096)
        except OSError:
            pass

    def stop(self):
        self.is_over.set()
        self.join()


class Visit:
    def __init__(self, browser, url, client, directory):
        self.browser = browser
        self.url = url
        self.client = client
        self.directory = directory

    def check(self, what, found, detail=None):
        print(json.dumps({"what": what, "isFound": bool(found), "detail": str(detail)[:600]}), flush=True)

    def picture(self, name, is_whole=False):
        self.browser.screenshot(os.path.join(self.directory, name + ".png"), is_whole)

    def rows(self):
        return self.browser.run("[...document.querySelectorAll('#decisions .name')].map(e => e.textContent)")

    def open(self):
        self.browser.window(1280, 900)
        self.browser.go(self.url)
        self.browser.wait(f"location.href === {json.dumps(self.url)} && document.readyState === 'complete'", 60)

    # A server that anybody on this host may ask.

    def loads(self):
        self.open()
        self.check("the page opens and is live", self.browser.wait("document.querySelector('#state-text')?.textContent === 'live'"))
        found = self.browser.wait("document.querySelectorAll('#decisions .decision').length > 8")
        self.check("decisions come in by themselves", found, self.rows())
        self.check("blocked ones are said to be", self.browser.wait("document.querySelector('#decisions .badge.block')?.textContent === 'blocked'"))
        self.check("alerts are said to be", self.browser.wait("document.querySelector('#decisions .badge.alert')?.textContent === 'alert'"))
        self.check("names have no final dot", self.rows() and not any(name.endswith(".") for name in self.rows()), self.rows())

    def shows_numbers(self):
        run = self.browser.run
        self.check("queries a second are shown", self.browser.wait("Number(document.querySelector('#now-queries').textContent) > 0"))
        self.check("the chart has an area for each action", self.browser.wait(
            "['allow', 'alert', 'block'].every(c => document.querySelector(`#chart .${c}`)?.getAttribute('d').includes('H'))"))
        self.check("the names blocked most are there", self.browser.wait(
            "document.querySelector('#top-names')?.textContent.includes('ads.block.example')"), run("document.querySelector('#top-names').textContent"))
        self.check("clients are there", "127.0.0.1" in run("document.querySelector('#top-clients').textContent"))
        self.check("rules are there", "block" in run("document.querySelector('#top-rules').textContent"), run("document.querySelector('#top-rules').textContent"))
        label = run("document.querySelector('#chart').getAttribute('aria-label')")
        self.check("the chart says in words what it shows", "on average" in label, label)
        self.browser.click("[data-seconds='60']")
        self.check("another span is chosen", self.browser.wait("document.querySelector('#chart-start').textContent === '1 min ago'"))
        self.browser.click("[data-seconds='300']")

    def filters(self):
        self.browser.click("[data-action='block']")
        only = self.browser.wait("document.querySelector('#decisions .badge') && [...document.querySelectorAll('#decisions .badge')].every(e => e.textContent === 'blocked')")
        self.check("only blocked ones are shown when that is chosen", only, self.rows())
        self.browser.click("[data-action='']")
        self.browser.click("#filter")
        self.browser.type("TRACKER")
        only = self.browser.wait("document.querySelector('#decisions .name') && [...document.querySelectorAll('#decisions .name')].every(e => e.textContent.includes('tracker'))")
        self.check("a part of a name filters, in any case", only, self.rows())
        self.browser.run("document.querySelector('#filter').value = ''; document.querySelector('#filter').dispatchEvent(new Event('input')); document.activeElement.blur()")
        self.browser.mouse(5, 5)
        self.check("without the filter all come back", self.browser.wait("[...document.querySelectorAll('#decisions .name')].some(e => e.textContent === 'shop.example')"))

    def pauses(self):
        self.browser.click("#pause")
        self.browser.mouse(5, 5)
        time.sleep(0.5)
        before = self.rows()
        waited = self.browser.wait("/^[1-9][0-9]* .*new/.test(document.querySelector('#held').textContent)")
        self.check("a pause says how many are new", waited, self.browser.run("document.querySelector('#held').textContent"))
        self.check("nothing moves in a pause", self.rows() == before)
        self.check("the pause is said", self.browser.run("document.querySelector('#state-text').textContent") == "paused")
        self.browser.click("#pause")
        self.browser.mouse(5, 5)
        self.check("it goes on after the pause", self.browser.wait("document.querySelector('#held').hidden") and self.rows() != before)

    def explains(self):
        self.browser.click("[data-action='block']")
        self.browser.wait("document.querySelector('#decisions .badge')?.textContent === 'blocked'")
        self.browser.click("#decisions .decision")
        shown = self.browser.wait("/RULE_BLOCK/.test(document.querySelector('#panel-body').textContent)")
        text = self.browser.run("document.querySelector('#panel').innerText")
        self.check("a click explains a decision", shown, text)
        self.check("the explanation names the list's file and line", "names.txt" in text, text)
        self.picture("explanation")
        self.browser.press("Escape")
        self.check("Escape closes the explanation", self.browser.wait("!document.querySelector('#panel').open"))
        self.browser.run("document.activeElement.blur()")
        self.browser.click("[data-action='']")
        self.browser.click("#try-name")
        self.browser.type("watch.alert.example")
        self.browser.press("Enter")
        self.check("a name can be tried", self.browser.wait("/RULE_ALERT/.test(document.querySelector('#panel-body').textContent)"),
                   self.browser.run("document.querySelector('#panel').innerText"))
        self.browser.press("Escape")
        self.browser.run("document.querySelector('#try-name').value = ''; document.activeElement.blur()")

    def works_by_keyboard(self):
        run, press = self.browser.run, self.browser.press
        self.open()
        self.browser.wait("document.querySelectorAll('#decisions .decision').length > 3")
        press("Tab")
        self.check("the first Tab leads to the skip link", run("document.activeElement.className") == "skip")
        press("Enter")
        seen = []
        for _ in range(12):
            press("Tab")
            seen.append(run("document.activeElement.id || document.activeElement.className || document.activeElement.tagName"))
            if "decision" in seen[-1].split():
                break
        self.check("Tab reaches pause, filter and the decisions", "pause" in seen and "filter" in seen and "decision" in seen[-1], seen)
        first = run("document.activeElement.textContent")
        time.sleep(1)
        self.check("the focus stays where it is", run("document.activeElement.textContent") == first)
        press("ArrowDown")
        self.check("the arrows go from one to the next", run("document.activeElement === document.querySelectorAll('.decision')[1]"))
        outline = run("getComputedStyle(document.activeElement).outlineStyle")
        self.check("the focus can be seen", outline != "none", outline)
        name = run("document.activeElement.querySelector('.name').textContent")
        press("Enter")
        self.check("Enter explains", self.browser.wait(f"document.querySelector('#panel').open && document.querySelector('#panel-title').textContent.includes({json.dumps(name)})"))
        press("Escape")
        self.check("the focus comes back", self.browser.wait("document.activeElement === document.querySelectorAll('.decision')[1]"))
        self.check("everything that can be operated has a name", self.browser.unnamed() == [], self.browser.unnamed())
        run("document.activeElement.blur()")

    def stands_hostile_names(self):
        self.client.is_quiet.set()
        self.browser.click("[data-action='']")
        for label in HOSTILE:
            self.client.ask_labels([label, b"block", b"example"])
        self.client.ask("x.odd.example")
        self.client.ask_labels(LONG + [b"block", b"example"])
        self.browser.mouse(5, 5)
        shown = self.browser.wait("[...document.querySelectorAll('#decisions .name')].some(e => e.textContent.startsWith('lllll'))")
        names = self.rows()
        self.check("hostile names are shown", shown and any("<script>hacked=1</script>" in name for name in names), names)
        self.check("control characters and other octets are escaped",
                   any(r"\000\027[31mred\007" in name for name in names) and any(r"\226\128\174" in name for name in names), names)
        self.check("no name is markup", self.browser.run("document.querySelectorAll('main script, main img, main b').length") == 0)
        self.check("no name is run", self.browser.run("typeof hacked") == "undefined")
        self.check("the lists of the hour have them too, as text", self.browser.wait(
            "document.querySelector('#top-names').textContent.includes('<script>')") and
            self.browser.run("document.querySelectorAll('.tops script, .tops img').length") == 0)
        self.check("a rule's name is text", "<b>" in self.browser.run("document.querySelector('#top-rules').textContent"),
                   self.browser.run("document.querySelector('#top-rules').textContent"))
        self.check("a long name does not widen the page", self.is_narrow(), self.widths())
        self.browser.click("#decisions .decision")
        self.browser.wait("/RULE_BLOCK/.test(document.querySelector('#panel-body').textContent)")
        self.check("nor does its explanation", self.is_narrow() and self.browser.run(
            "document.querySelector('#panel').scrollWidth <= document.querySelector('#panel').clientWidth"), self.widths())
        self.picture("hostile-names")
        self.browser.press("Escape")
        self.browser.run("document.activeElement.blur()")
        self.client.is_quiet.clear()

    def is_narrow(self):
        return self.browser.run("document.documentElement.scrollWidth <= innerWidth")

    def widths(self):
        return self.browser.run("[document.documentElement.scrollWidth, innerWidth]")

    def adapts(self):
        # A fuller picture.
        time.sleep(8)
        self.browser.mouse(5, 5)
        self.browser.run("scrollTo(0, 0)")
        for theme in ["light", "dark"]:
            self.browser.media(prefers_color_scheme=theme)
            lightness = self.browser.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
            self.check(f"the page is {theme} where that is wanted", (lightness < 60) == (theme == "dark"), lightness)
            faint = self.browser.run(CONTRAST)
            self.check(f"every text can be read ({theme})", faint == [], faint)
            self.picture(f"desktop-{theme}", is_whole=True)
        self.browser.media(prefers_reduced_motion="reduce")
        self.check("nothing moves where that is not wanted", self.browser.run(
            "getComputedStyle(document.querySelector('.decision')).animationName") == "none")
        for theme in ["light", "dark"]:
            self.browser.media(prefers_color_scheme=theme)
            self.browser.window(390, 844, is_phone=True)
            time.sleep(1.5)
            self.check(f"a phone shows all of its width ({theme})", self.is_narrow(), self.widths())
            self.picture(f"phone-{theme}", is_whole=True)
        small = self.browser.run("[...document.querySelectorAll('button, input')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 28).map(e => e.id || e.className || e.textContent)")
        self.check("everything is large enough for a finger", small == [], small)
        self.browser.media()
        self.browser.window(1280, 900)

    def survives_an_outage(self):
        self.browser.set_online(False)
        self.browser.run("watch(), 0")
        self.check("an outage is said", self.browser.wait("document.querySelector('#state-text').textContent === 'not connected'"))
        self.browser.problems = [p for p in self.browser.problems if "ERR_INTERNET_DISCONNECTED" not in p]
        self.browser.set_online(True)
        self.check("it comes back by itself", self.browser.wait("document.querySelector('#state-text').textContent === 'live'", 30))
        self.browser.problems = [p for p in self.browser.problems if "ERR_INTERNET_DISCONNECTED" not in p]

    def is_clean(self, but=()):
        problems = [p for p in self.browser.problems if not any(text in p for text in but)]
        self.check("no error, no violation of the page's own policy", problems == [], problems)
        foreign = [url for url in self.browser.requests if not url.startswith((self.url, "about:", "chrome:"))]
        self.check("nobody else is asked for anything", foreign == [] and self.browser.requests, foreign)

    # A server that wants a key.

    def signs_in(self):
        self.open()
        self.check("a key is asked for", self.browser.wait("document.querySelector('#keys').open"))
        self.check("nothing is shown before", self.rows() == [])
        self.check("the key can be typed at once", self.browser.run("document.activeElement.id") == "key-id")
        time.sleep(0.5)
        self.picture("sign-in")
        self.fill("AKIDEXAMPLE", "wrong")
        self.check("a wrong key is refused, with the reason", self.browser.wait("/signature/.test(document.querySelector('#keys-error').textContent)"),
                   self.browser.run("document.querySelector('#keys-error').textContent"))
        self.fill("AKIDEXAMPLE", "secret/+ of <test>")
        self.check("with the key it is live", self.browser.wait("document.querySelector('#state-text').textContent === 'live'"))
        self.check("decisions come", self.browser.wait("document.querySelectorAll('#decisions .decision').length > 3"))
        kept = self.browser.run("JSON.stringify([localStorage.length, sessionStorage.length, document.cookie, document.querySelector('#key-secret').value])")
        self.check("the key is kept nowhere", kept == '[0,0,"",""]', kept)

    def fill(self, key_id, secret):
        self.browser.run("document.querySelector('#key-id').value = ''; document.querySelector('#key-secret').value = ''")
        for field, text in [("#key-id", key_id), ("#key-secret", secret)]:
            self.browser.click(field)
            self.browser.type(text)
        self.browser.press("Enter")

    def filters_signed(self):
        self.browser.click("#filter")
        self.browser.type("ads.block é*'(~)")
        self.check("a filter of odd characters is signed rightly", self.browser.wait("document.querySelector('#nothing').textContent === 'Nothing fits the filter.'")
                   and self.browser.run("document.querySelector('#state-text').textContent") == "live")
        self.browser.run("document.querySelector('#filter').value = ''; document.querySelector('#filter').dispatchEvent(new Event('input')); document.activeElement.blur()")

    def changes_feeds(self):
        self.check("a feed that is held back says why", self.browser.wait("/held back/.test(document.querySelector('#feeds').textContent)"),
                   self.browser.run("document.querySelector('#feeds').textContent"))
        self.picture("feeds", is_whole=True)
        buttons = "[...document.querySelectorAll('#feeds button')]"
        self.browser.run(f"{buttons}.find(e => e.textContent === 'Accept').focus()")
        self.browser.press("Enter")
        self.check("it can be accepted", self.browser.wait(f"!{buttons}.some(e => e.textContent === 'Accept') && /fresh/.test(document.querySelector('#feeds').textContent)"),
                   self.browser.run("document.querySelector('#feeds').textContent + ' | ' + document.querySelector('#status').textContent"))


# Every visible text on the page with its contrast to what is behind it (WCAG 2 §1.4.3), where that is less than 4.5.
CONTRAST = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = (node) => {
    const color = read(getComputedStyle(node).backgroundColor);
    return color[3] > 0.99 || !node.parentElement ? color : over(color, behind(node.parentElement));
  };
  const part = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = (color) => 0.2126 * part(color[0]) + 0.7152 * part(color[1]) + 0.0722 * part(color[2]);
  const found = new Set();
  for (const node of document.querySelectorAll("body *")) {
    const hasText = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!hasText || !node.checkVisibility({ checkOpacity: true }) || node.closest("dialog:not([open]), noscript")) continue;
    const below = behind(node);
    const [a, b] = [light(over(read(getComputedStyle(node).color), below)), light(below)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.add(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
  }
  return [...found];
})()
"""


def main(kind, url, server, directory):
    os.makedirs(directory, exist_ok=True)
    client = Client(server)
    client.start()
    with Browser() as browser:
        visit = Visit(browser, url, client, directory)
        steps = {
            "open": [visit.loads, visit.shows_numbers, visit.filters, visit.pauses, visit.explains, visit.works_by_keyboard,
                     visit.stands_hostile_names, visit.adapts, visit.survives_an_outage, visit.is_clean],
            # The browser notes each answer 403 as an error.
            "signed": [visit.signs_in, visit.filters_signed, visit.changes_feeds,
                       lambda: visit.is_clean(but=["status of 403"])],
        }[kind]
        for step in steps:
            try:
                step()
            except Exception:
                visit.check(f"{getattr(step, '__name__', 'end')} can be looked at", False, traceback.format_exc()[-600:])
    client.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
