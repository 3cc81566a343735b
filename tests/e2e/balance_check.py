"""Real music is learned and balanced, and measures as was predicted.

argv: the stem-render program, the folder of make_stems.sh. Needs nothing but Python.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

RENDER, STEMS = sys.argv[1:3]
ROLES = {
    "drums": "drums", "bass": "bass", "guitar": "guitars", "guitars": "guitars", "keys": "keys",
    "accordion": "keys", "piano": "keys", "piano_l": "keys", "piano_r": "keys", "pad": "pads",
    "strings": "strings", "sax": "lead", "sax2": "winds", "sax_alto": "lead", "sax_tenor": "winds",
    "trombone": "winds", "trumpet": "winds", "lead_vox": "lead", "back_vox": "backing",
}


def run(*arguments):
    done = subprocess.run([RENDER, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def learn(files, balance, out):
    run("learn", *files, "--balance", balance, "--out", out, "--force")


def balanced(balance, files, out):
    """Changes in dB by number, and the loudness predicted with the output's gain."""
    text = run("balance", balance, *files, "--preset", "pop", "--out", out, "--force")
    rows = re.findall(r"^(\d\d)  .*?([-+]?(?:\d+\.\d|inf)) +([-+]\d+\.\d\d|-)(?:  .*)?$", text, re.M)
    changes = {int(number): float(change) for number, _, change in rows if change != "-"}
    _, predicted, _ = re.findall(r"^(after\b.*?)  +(-\d+\.\d\d)(.*)$", text, re.M)[-1]
    return changes, float(predicted)


def measured(files):
    return json.loads(run("measure", "--json", *files))


folder = tempfile.mkdtemp()
for piece in sorted(os.listdir(STEMS)):
    home = os.path.join(STEMS, piece)
    if not os.path.isdir(home):
        continue
    files = sorted(os.path.join(home, f) for f in os.listdir(home) if not f.startswith("_"))
    steps = ("plain", "learned", "made", "again", "last")
    plain, learned, made, again, last = (os.path.join(folder, f"{piece}-{step}.json") for step in steps)
    run("new", plain, *files)
    with open(plain) as f:
        document = json.load(f)
    for stem, file in zip(document["stems"], files):
        stem["role"] = ROLES[os.path.splitext(os.path.basename(file))[0]]
    with open(plain, "w") as f:
        json.dump(document, f)

    learn(files, plain, learned)
    changes, predicted = balanced(learned, files, made)
    mix, parts = os.path.join(folder, f"{piece}.wav"), os.path.join(folder, piece)
    os.makedirs(parts, exist_ok=True)
    run("render", "--quiet", "--balance", made, "--out", mix, "--stems-out", parts, *files)

    heard = measured([mix])["stems"][0]
    error = abs(heard["integrated_lufs"] - predicted)
    assert error < 0.05, f"{piece}: predicted {predicted} LUFS, measured {heard['integrated_lufs']:.3f}"
    assert heard["true_peak_dbtp"] < -0.95, f"{piece}: {heard['true_peak_dbtp']:.2f} dBTP"

    with open(made) as f:
        offsets = json.load(f)["learned"]["target"]["offsets_lu"]
    stems = measured([os.path.join(parts, f) for f in sorted(os.listdir(parts))])["stems"]
    roles = [ROLES[os.path.splitext(os.path.basename(f))[0]] for f in files]
    places = [
        stem["integrated_lufs"] - offsets[role]
        for number, (stem, role) in enumerate(zip(stems, roles), 1)
        if number in changes and role != "lead"
    ]
    assert len(places) > 2, f"{piece}: {changes}"
    spread = max(places) - min(places)
    assert spread < 0.1, f"{piece}: the roles' loudness is {spread:.3f} LU apart"

    learn(files, made, again)
    changes, _ = balanced(again, files, last)
    rest = max(abs(change) for change in changes.values())
    assert rest < 0.05, f"{piece}: a second time proposes {changes}"
    print(
        f"  {piece}: {len(changes)} stems, loudness predicted to {error:.3f} LU, roles within {spread:.3f} LU, "
        f"a second time changes {rest:.2f} dB, {heard['true_peak_dbtp']:.2f} dBTP"
    )
print("balance: all good")
