"""The recall sheet in a browser, and packets of real music sent, changed by hand and merged.

argv: the stem-render program, the folder of make_stems.sh, where the sheet's picture goes. Needs Chromium.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from browser import Browser  # noqa: E402

RENDER, STEMS, PICTURE = sys.argv[1:4]
NAMES = ["Lead \"Vox\"", "</script><script>alert(1)</script>", "<img src=http://localhost/x>", "שלום", "🎸 & Co", "O'Brien"]


def run(*arguments, code=0):
    done = subprocess.run([RENDER, *arguments], capture_output=True, text=True)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout if code == 0 else done.stderr


def read(path):
    with open(path) as f:
        return json.load(f)


def write(path, value):
    with open(path, "w") as f:
        json.dump(value, f)


folder = tempfile.mkdtemp()
here = lambda name: os.path.join(folder, name)
pieces = {}
for piece in sorted(os.listdir(STEMS)):
    home = os.path.join(STEMS, piece)
    if os.path.isdir(home):
        pieces[piece] = sorted(os.path.join(home, f) for f in os.listdir(home) if not f.startswith("_"))

# The sheet.
rng = random.Random(5)
files = pieces["rolling"]
plain, learned, made = here("plain.json"), here("learned.json"), here("made.json")
run("new", plain, *files)
document = read(plain)
roles = ["bass", "drums", "guitars", "pads", "keys", "keys", "lead", "winds", "winds", "winds"]
for number, (stem, role) in enumerate(zip(document["stems"], roles)):
    stem["role"] = role
    stem["pan"] = round(rng.uniform(-1, 1), 2)
    stem["fader"] = round(rng.uniform(-9, 3), 1)
    stem["bell_gain"], stem["bell_frequency"] = round(rng.uniform(-6, 6), 1), round(rng.uniform(150, 6000))
    stem["high_pass_slope"] = "24 dB/oct" if number % 3 else "off"
    stem["high_pass_frequency"] = 40 + 10 * number
document["stems"][3]["mute"] = True
document["stems"][5]["polarity"] = "inverted"
document["scenes"] = [
    {"slot": "A", "name": "Verse", "note": "the band sits back", "stems": {"3": {"fader": -2.5}, "8": {"mute": True}, "9": {"mute": True}}},
    {"slot": "B", "name": "Chorus", "note": "all in, the sax on top", "stems": {"2": {"fader": 1.5}, "4": {"mute": False}, "7": {"fader": 2.0, "bell_gain": 2.0}}},
    {"slot": "C", "name": "Break", "stems": {"1": {"fader": -6.0}, "2": {"fader_to": "-inf"}, "5": {"pan": 0.4}, "6": {"pan": -0.4, "width": 20}}},
]
write(plain, document)
run("learn", *files, "--balance", plain, "--out", learned)
run("balance", learned, *files, "--preset", "pop", "--out", made)
sheet, hostile, again = here("sheet.html"), here("hostile.html"), here("again.html")
run("sheet", *files, "--balance", made, "--out", sheet, "--title", "Keep On Rolling, mix 3")
document = read(made)
for stem, name in zip(document["stems"], NAMES):
    stem["name"] = name[:40]
write(here("hostile.json"), document)
run("sheet", "--balance", here("hostile.json"), "--out", hostile, "--title", NAMES[1])
with Browser() as browser:
    control = here("control.html")
    with open(control, "w") as f:
        f.write("<img src='http://127.0.0.1:9/x.png'><script>console.error('heard')</script>")
    asked, said = browser.open(control)
    assert asked and len(said) >= 2, f"the control is not noticed: {asked} {said}"
    for page in (sheet, hostile):
        asked, said = browser.open(page)
        assert not asked, f"{page} asks for {asked}"
        assert not said, f"{page}: {said}"
        assert browser.script("document.scripts.length") == 1
        wide = browser.script("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{page} is {wide} pixels too wide"
        # As a browser saves it.
        with open(again, "w") as f:
            f.write(browser.script("document.documentElement.outerHTML"))
        text = browser.script("document.querySelector('script').textContent")
        source = here("hostile.json") if page == hostile else made
        run("sheet", "--balance", again, "--out", here("2.html"), "--title", "t", "--force")
        run("sheet", "--balance", source, "--out", here("1.html"), "--title", "t", "--force")
        with open(here("1.html")) as one, open(here("2.html")) as two:
            assert one.read() == two.read(), f"{page} does not load back"
        ours, theirs = json.loads(text), read(source)
        assert ours["mix"] == theirs["mix"] and len(ours["stems"]) == len(theirs["stems"])
    assert browser.script("document.querySelector('tbody bdi').textContent") == NAMES[0]
    browser.open(sheet)
    browser.picture(PICTURE)
print(f"  sheet: no request, no complaint, loads back; a picture is in {PICTURE}")

# Packets.
for piece, files in pieces.items():
    balance = here(f"{piece}.json")
    run("new", balance, *files)
    document = read(balance)
    for stem in document["stems"][: len(files)]:
        stem["fader"], stem["pan"] = round(rng.uniform(-12, 3), 1), round(rng.uniform(-1, 1), 2)
        stem["delay"], stem["tilt"] = round(rng.uniform(0, 5), 2), round(rng.uniform(-3, 3), 1)
    write(balance, document)
    for purpose in ("mastering", "mix", "remix", "vocalist"):
        packet = here(f"{piece}-{purpose}")
        run("packet", "--for", purpose, "--stems", "2,4,5", "--balance", balance, *files, packet)
        manifest = read(os.path.join(packet, "packet.json"))
        assert manifest["null"]["residual_db"] < -120, manifest["null"]
        subprocess.run(["sha256sum", "--check", "--quiet", "checksums.sha256"], cwd=packet, check=True)
        assert "Nothing was changed" in run("merge", packet, "--balance", balance)

        # By hand: three settings, while one of them is changed at home too, and another one is.
        inside = os.path.join(packet, manifest["balance"])
        theirs = read(inside)
        theirs["stems"][0]["fader"] = -7.5
        theirs["stems"][1]["mute"] = True
        theirs["stems"][2]["pan"] = 0.25
        write(inside, theirs)
        mine = read(balance)
        mine["stems"][4]["pan"] = -0.75
        mine["stems"][0]["trim"] = 2.0
        write(here("mine.json"), mine)
        listed = run("merge", packet, "--balance", here("mine.json"))
        assert listed.count("\n") == 5 and "conflict: yours is L75 and stays" in listed, listed
        merged = here("merged.json")
        run("merge", packet, "--balance", here("mine.json"), "--yes", "--out", merged, "--force")
        mine["stems"][1]["fader"] = -7.5
        mine["stems"][3]["mute"] = True
        got = read(merged)
        for number, (want, stem) in enumerate(zip(mine["stems"], got["stems"]), 1):
            assert want == stem, f"{piece} {purpose}: stem {number}"
        assert got["mix"] == mine["mix"]

        stem = os.path.join(packet, manifest["stems"][0]["file"])
        shutil.copy(stem, here("kept.wav"))
        with open(stem, "r+b") as f:
            f.truncate(os.path.getsize(stem) // 2)
        assert "cut off" in run("merge", packet, "--balance", balance, code=1)
        os.rename(here("kept.wav"), os.path.join(packet, "stems", "take 2.wav"))
        os.remove(stem)
        assert "rename it back" in run("merge", packet, "--balance", balance, code=1)
    print(f"  {piece}: four packets sent, changed, merged; stems and rest null to {manifest['null']['residual_db']:.1f} dB")
print("share: all good")
