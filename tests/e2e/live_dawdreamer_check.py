"""The editor in dawdreamer, a VST3 host built on JUCE, on the display. argv: the bundle, a picture to save."""
import subprocess
import sys
import time

BUNDLE, PICTURE = sys.argv[1:3]
DEADLINE_S = 60
HOST = """
import sys, dawdreamer
engine = dawdreamer.RenderEngine(48_000, 512)
plugin = engine.make_plugin_processor("Stemwright", sys.argv[1])
plugin.open_editor()
"""


def output(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout


def colours(window, to):
    """Takes a picture of a window as it is on the screen; answers how many colours it has."""
    if subprocess.run(["import", "-window", window, to], capture_output=True).returncode != 0:
        return 0
    return int(output("identify", "-format", "%k", to) or 0)


host = subprocess.Popen([sys.executable, "-c", HOST, BUNDLE])
try:
    end = time.monotonic() + DEADLINE_S
    count = 0
    while count < 500:
        assert host.poll() is None, f"the host ended with {host.returncode}"
        assert time.monotonic() < end, f"the editor is not drawn: {count} colours"
        windows = output("xdotool", "search", "--onlyvisible", "--pid", str(host.pid)).split()
        count = max((colours(window, PICTURE) for window in windows[:1]), default=0)
        time.sleep(0.1)
    size = output("identify", "-format", "%wx%h", PICTURE)
    print(f"  the editor: {size} pixels of {count} colours")
finally:
    host.kill()
    host.wait()
print("dawdreamer's editor: all good")
