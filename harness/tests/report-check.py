#!/usr/bin/python3
"""A page of oomlab in headless Chromium, by its debugging pipe: report-check.py CHROMIUM FILE [NAME...]

Opens the page, then each case (or event) that is linked to from there on, and prints what it met as
"key value" lines; NAME... are texts that one of those views must show as they are. Exit 1, with a line
that says why, if anything was wrong: an error on the console, a request, a case that does not open, a
plot that is not drawn, hostile text that became markup.
"""
import fcntl
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         # or a fast machine that follows five hundred links is taken for a hostile page
         "--disable-ipc-flooding-protection", "--remote-debugging-pipe", "--window-size=1200,900"]
# Of our own looking at what a plot has drawn.
OURS = "Canvas2D: Multiple readback operations"

VIEW = """(() => {
  const main = document.querySelector("main"), plots = [...document.querySelectorAll(".plot")];
  if (main.hasAttribute("aria-busy")) return null;
  const drawn = plots.filter((p) => {
    const c = p.querySelector("canvas");
    if (!c || !c.width || !c.height) return false;
    const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
    let ink = 0;
    for (let i = 3; i < d.length; i += 4) ink += d[i] > 0;
    return ink > 500;
  });
  return {title: document.title, plots: plots.length, drawn: drawn.length, text: main.innerText,
          heads: main.querySelectorAll("h3").length, now: performance.now(),
          foreign: main.querySelectorAll("script, b script, iframe, img, object, embed, style").length,
          links: [...main.querySelectorAll("a[href]")].map((a) => a.getAttribute("href")).filter((h) => h !== "#")};
})()"""


class Browser:
    def __init__(self, program, profile):
        # Its ends are to be 3 and 4: out of the way first, whatever is open here.
        (to_read, to_write), (from_read, from_write) = (
            [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in os.pipe()] for _ in "io")
        self.process = subprocess.Popen(
            [program, *FLAGS, "--user-data-dir=" + profile, "about:blank"], close_fds=False,
            preexec_fn=lambda: (os.dup2(to_read, 3), os.dup2(from_write, 4)),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.out, self.into = os.fdopen(to_write, "wb", 0), os.fdopen(from_read, "rb")
        self.number, self.session, self.wrong, self.buffer = 0, None, [], b""

    def read(self):
        while b"\0" not in self.buffer:
            more = os.read(self.into.fileno(), 1 << 20)
            if not more:
                raise SystemExit("the browser has gone")
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def heed(self, m):
        p, what = m.get("params", {}), m.get("method")
        if what == "Runtime.exceptionThrown":
            self.wrong.append("exception: " + json.dumps(p["exceptionDetails"])[:400])
        elif what == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning", "assert"):
            self.wrong.append("console: " + json.dumps(p["args"])[:400])
        elif (what == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning") and
              not p["entry"]["text"].startswith(OURS)):
            self.wrong.append("log: " + p["entry"]["text"][:400])
        elif what == "Network.requestWillBeSent" and not p["request"]["url"].startswith(("file:", "blob:")):
            self.wrong.append("request: " + p["request"]["url"][:400])

    def ask(self, method, **params):
        self.number += 1
        order = {"id": self.number, "method": method, "params": params}
        if self.session:
            order["sessionId"] = self.session
        self.out.write(json.dumps(order).encode() + b"\0")
        while True:
            m = self.read()
            if m.get("id") == self.number:
                if "error" in m:
                    raise SystemExit(method + ": " + m["error"]["message"])
                return m["result"]
            self.heed(m)

    def evaluate(self, text):
        return self.ask("Runtime.evaluate", expression=text, returnByValue=True)["result"].get("value")

    def view(self, title=None):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            seen = self.evaluate(VIEW)
            if seen and (title is None or seen["title"] == title):
                return seen
            time.sleep(0.005)
        return None


def look(b, file, names):
    b.session = b.ask("Target.attachToTarget", flatten=True, targetId=next(
        t["targetId"] for t in b.ask("Target.getTargets")["targetInfos"] if t["type"] == "page"))["sessionId"]
    for domain in ("Runtime", "Log", "Network", "Page"):
        b.ask(domain + ".enable")
    b.ask("Page.navigate", url=pathlib.Path(file).resolve().as_uri())
    first = b.view()
    if not first or not first["title"].startswith("oomlab: "):
        return ["the page does not open: %s" % first]
    links = list(dict.fromkeys(first["links"]))
    texts, wrong, plots, slowest = [first["text"]], [], 0, 0
    for link in links:
        begin = time.monotonic()
        b.evaluate("location.hash = %s; 0" % json.dumps(link))
        title = b.evaluate("decodeURIComponent(location.hash.slice(1))")
        seen = b.view(title.replace("oom", "OOM ") if title.startswith("oom") else title)
        slowest = max(slowest, time.monotonic() - begin)
        if not seen or not seen["heads"]:
            wrong.append("%s does not open" % title)
            continue
        if seen["plots"] != seen["drawn"]:
            wrong.append("%s: %d of %d plots drawn" % (title, seen["drawn"], seen["plots"]))
        if seen["foreign"]:
            wrong.append("%s: text became markup" % title)
        links += [h for h in dict.fromkeys(seen["links"]) if h not in links]
        plots += seen["drawn"]
        texts.append(seen["text"])
    for name in names:
        if not any(name in t for t in texts):
            wrong.append("nowhere shown: " + name)
    print("opened_ms %d\ncases %d\nplots %d\nslowest_ms %d" % (first["now"], len(links), plots, slowest * 1000))
    return wrong


def main():
    program, file, *names = sys.argv[1:]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        b = Browser(program, profile)
        try:
            wrong = look(b, file, names) + b.wrong
        finally:
            b.process.kill()
            b.process.wait()
    for line in wrong[:20]:
        print("wrong: " + line)
    return 1 if wrong else 0


sys.exit(main())
