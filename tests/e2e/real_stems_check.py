"""Real music: stems rendered from Debian's packages go through the renderer and the plugin, and null.

argv: the VST3 bundle, the stem-render program, the folder of make_stems.sh.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

import dawdreamer
import numpy as np
from pedalboard.io import AudioFile

BUNDLE, RENDER, STEMS = sys.argv[1:4]
BLOCK = 512
CLASS_ID = "".join(f"{b:02X}" for b in b"StemwrightStems1").encode()


def read(path):
    with AudioFile(path) as f:
        return f.read(f.frames), int(f.samplerate)


def null_db(a, b):
    """The difference's peak against a's, over the frames both have."""
    n = min(a.shape[1], b.shape[1])
    return 20 * np.log10(max(float(np.max(np.abs(a[:, :n] - b[:, :n]))), 1e-30) / float(np.max(np.abs(a))))


def preset(state, path):
    """A .vstpreset file whose component state is the balance."""
    chunk = struct.pack("<4sqq", b"Comp", 48, len(state))
    head = b"VST3" + struct.pack("<i", 1) + CLASS_ID + struct.pack("<q", 48 + len(state))
    with open(path, "wb") as f:
        f.write(head + state + b"List" + struct.pack("<i", 1) + chunk)


def hosted(stems, rate, preset_file):
    engine = dawdreamer.RenderEngine(rate, BLOCK)
    plugin = engine.make_plugin_processor("mix", BUNDLE)
    assert plugin.load_vst3_preset(preset_file), "the balance is not taken"
    sources = [engine.make_playback_processor(f"s{k}", stem) for k, stem in enumerate(stems)]
    names = [f"s{k}" for k in range(len(stems))]
    engine.load_graph([(s, []) for s in sources] + [(plugin, names)])
    engine.render(stems[0].shape[1] / rate)
    return engine.get_audio()


folder = tempfile.mkdtemp()
rng = np.random.default_rng(7)
for piece in sorted(os.listdir(STEMS)):
    home = os.path.join(STEMS, piece)
    if not os.path.isdir(home):
        continue
    files = sorted(os.path.join(home, f) for f in os.listdir(home) if not f.startswith("_"))
    full, rate = read(os.path.join(home, "_fullmix.wav"))
    mix = os.path.join(folder, f"{piece}.wav")

    subprocess.run([RENDER, "render", "--quiet", "--force", "--out", mix, *files], check=True)
    plain = null_db(full, read(mix)[0])
    assert plain < -120, f"{piece}: stems and full mix null to {plain:.1f} dB only"

    balance = os.path.join(folder, f"{piece}.json")
    subprocess.run([RENDER, "new", balance, *files], check=True, stdout=subprocess.DEVNULL)
    with open(balance) as f:
        document = json.load(f)
    for stem in document["stems"][: len(files)]:
        stem["fader"] = round(float(rng.uniform(-12, 3)), 1)
        stem["pan"] = round(float(rng.uniform(-1, 1)), 2)
        stem["width"] = round(float(rng.uniform(0, 200)))
        stem["trim"] = round(float(rng.uniform(-6, 6)), 1)
        stem["delay"] = round(float(rng.uniform(0, 5)), 2)
        stem["polarity"] = "inverted" if rng.random() < 0.3 else "normal"
    with open(balance, "w") as f:
        json.dump(document, f)
    subprocess.run([RENDER, "render", "--quiet", "--force", "--balance", balance, "--out", mix, *files], check=True)
    with open(balance, "rb") as f:
        preset(f.read(), balance + ".vstpreset")
    heard = hosted([read(f)[0] for f in files], rate, balance + ".vstpreset")
    balanced = null_db(read(mix)[0], heard)
    assert balanced < -120, f"{piece}: plugin and renderer null to {balanced:.1f} dB only"
    print(f"  {piece}: {len(files)} stems, plain sum nulls to {plain:.1f} dB, plugin and renderer to {balanced:.1f} dB")
print("real stems: all good", flush=True)
os._exit(0)  # the host's own teardown is not what is tested
