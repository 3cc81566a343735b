"""Real music blended between scenes with hold loudness on stays on the line between its ends.

argv: the stem-render program, the folder of make_stems.sh. Needs nothing but Python.

Every pair of random balances is one live balance and one scene over it; the mix is rendered at both ends and on
the way, and measured. Within 0.3 LU for scenes of levels and mutes, 1.0 LU with tone and pan.
"""
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

RENDER, STEMS = sys.argv[1:3]
PLACES = (0, 25, 50, 75, 100)


def run(*arguments):
    done = subprocess.run([RENDER, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def any_balance(count, with_tone):
    """A strip's settings for each stem."""
    strips = []
    for _ in range(count):
        strip = {"fader": random.uniform(-9, 3), "mute": random.random() < 0.15}
        if with_tone:
            strip |= {
                "pan": random.uniform(-0.6, 0.6), "tilt": random.uniform(-2, 2),
                "bell_gain": random.uniform(-5, 5), "low_shelf_gain": random.uniform(-4, 4),
            }
        strips.append(strip)
    return strips


def between(live, scene):
    """What leads from one balance to another, as a scene says it."""
    stems = {}
    for number, (a, b) in enumerate(zip(live, scene), 1):
        stem = {key: b[key] - a[key] for key in a if key != "mute"}
        if a["mute"] != b["mute"]:
            stem["mute"] = b["mute"]
        stems[str(number)] = stem
    return stems


def loudness(document, files, folder):
    balance, mix = os.path.join(folder, "b.json"), os.path.join(folder, "mix.wav")
    with open(balance, "w") as f:
        json.dump(document, f)
    run("render", "--quiet", "--force", "--balance", balance, "--out", mix, *files)
    return json.loads(run("measure", "--json", mix))["stems"][0]["integrated_lufs"]


folder = tempfile.mkdtemp()
for piece in sorted(os.listdir(STEMS)):
    home = os.path.join(STEMS, piece)
    if not os.path.isdir(home):
        continue
    files = sorted(os.path.join(home, f) for f in os.listdir(home) if not f.startswith("_"))
    for with_tone, allowed in ((False, 0.3), (True, 1.0)):
        random.seed(f"{piece}{with_tone}")
        worst, dip = 0.0, 0.0
        for live, scene in itertools.combinations([any_balance(len(files), with_tone) for _ in range(4)], 2):
            plain, learned = os.path.join(folder, "plain.json"), os.path.join(folder, "learned.json")
            run("new", "--force", plain, *files)
            with open(plain) as f:
                document = json.load(f)
            for stem, strip in zip(document["stems"], live):
                stem.update(strip)
            with open(plain, "w") as f:
                json.dump(document, f)
            run("learn", *files, "--balance", plain, "--out", learned, "--force")
            with open(learned) as f:
                document = json.load(f)
            document["scenes"] = [{"slot": "A", "name": "Other", "stems": between(live, scene)}]
            document["mix"]["scene"] = "A"
            for hold in (True, False):
                document["mix"]["hold_loudness"] = hold
                found = []
                for place in PLACES:
                    document["mix"]["scene_amount"] = place
                    found.append(loudness(document, files, folder))
                line = [found[0] + (found[-1] - found[0]) * place / 100 for place in PLACES]
                if hold:
                    worst = max(worst, *(abs(a - b) for a, b in zip(found, line)))
                else:
                    dip = max(dip, *(b - a for a, b in zip(found, line)))
        what = "levels, mutes, tone and pan" if with_tone else "levels and mutes"
        assert worst < allowed, f"{piece}: {what}: {worst:.2f} LU off the line"
        print(f"  {piece}: {what}: within {worst:.2f} LU of the line; without hold loudness dips by {dip:.2f} LU")
print("scenes: all good")
