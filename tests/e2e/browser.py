"""A page in headless Chromium: what it asks for, what it complains about, how it looks, and what becomes of it.

Speaks the DevTools protocol over pipes, so that nothing but Chromium is needed.
"""
import base64
import json
import os
import shutil
import subprocess
import tempfile

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
]


class Browser:
    def __enter__(self):
        self.home = tempfile.mkdtemp()
        inward, outward = os.pipe(), os.pipe()

        def pipes():
            os.dup2(inward[0], 3)
            os.dup2(outward[1], 4)

        # Those that are handed on must not lie where the copies go.
        ends = [os.dup(end) if end in (3, 4) else end for end in (inward[0], outward[1])]
        inward, outward = (ends[0], inward[1]), (outward[0], ends[1])
        self.process = subprocess.Popen(
            ["chromium", *FLAGS, f"--user-data-dir={self.home}", "about:blank"],
            preexec_fn=pipes, close_fds=False, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )
        os.close(inward[0])
        os.close(outward[1])
        self.to, self.back = os.fdopen(inward[1], "wb"), os.fdopen(outward[0], "rb")
        self.count, self.rest, self.events = 0, b"", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        self.session = None
        self.call("Browser.close")
        self.process.wait(30)
        shutil.rmtree(self.home, ignore_errors=True)

    session = None

    def message(self):
        while b"\0" not in self.rest:
            part = os.read(self.back.fileno(), 1 << 16)
            assert part, "Chromium has gone"
            self.rest += part
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        while True:
            answer = self.message()
            if answer.get("id") == self.count:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def open(self, path, width=1260):
        """Loads a page; the requests it made besides itself, and what was complained of."""
        self.events.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        url = "file://" + os.path.realpath(path)
        self.call("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.message())
        self.script("document.fonts.ready.then(() => 0)")
        of = lambda method: [e["params"] for e in self.events if e.get("method") == method]
        asked = [event["request"]["url"] for event in of("Network.requestWillBeSent")]
        asked = [other for other in asked if other != url and not other.startswith("data:")]
        said = [event["entry"]["text"] for event in of("Log.entryAdded")]
        said += [str(event["args"]) for event in of("Runtime.consoleAPICalled")]
        said += [event["exceptionDetails"]["text"] for event in of("Runtime.exceptionThrown")]
        return asked, said

    def script(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    def picture(self, path):
        """The whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        answer = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        with open(path, "wb") as f:
            f.write(base64.b64decode(answer["data"]))
