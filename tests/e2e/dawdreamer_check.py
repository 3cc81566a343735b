"""Sixteen stems, automation and state in dawdreamer, a VST3 host built on JUCE. argv: the bundle."""
import os
import sys
import tempfile

import dawdreamer
import numpy as np

BUNDLE = sys.argv[1]
RATE = 48_000
BLOCK = 512
FRAMES = RATE
SETTLED = RATE // 2  # gains move for about 0.1 s

rng = np.random.default_rng(16)
STEMS = [(rng.uniform(-0.05, 0.05, (2, FRAMES))).astype(np.float32) for _ in range(16)]


def position(db):
    """Where a fader stands at a level in dB, as the host counts: 0 to 1."""
    return ((db + 192.0) / 204.0) ** 8


def plain_sum(gains, count=16):
    """In the order of the engine: by halves."""
    parts = [np.float32(gain) * stem for gain, stem in zip(gains, STEMS[:count])]
    parts += [np.zeros((2, FRAMES), np.float32)] * (16 - count)
    while len(parts) > 1:
        half = len(parts) // 2
        parts = [a + b for a, b in zip(parts[:half], parts[half:])]
    return parts[0]


class Mix:
    def __init__(self, name, count=16):
        self.engine = dawdreamer.RenderEngine(RATE, BLOCK)
        self.plugin = self.engine.make_plugin_processor(name, BUNDLE)
        self.index = {p["name"]: p["index"] for p in self.plugin.get_parameters_description()}
        sources = [self.engine.make_playback_processor(f"s{k}", STEMS[k]) for k in range(count)]
        inputs = [f"s{k}" for k in range(count)]
        self.engine.load_graph([(s, []) for s in sources] + [(self.plugin, inputs)])

    def set(self, name, value):
        self.plugin.set_parameter(self.index[name], value)

    def render(self):
        self.engine.render(FRAMES / RATE)
        return self.engine.get_audio()[:, :FRAMES]


def check(what, heard, want, tolerance, start=0):
    worst = float(np.max(np.abs(heard[:, start:] - want[:, start : heard.shape[1]])))
    assert worst <= tolerance, f"{what}: differs by {worst}"
    print(f"  {what}: largest difference {worst:.1e}")


for count in (1, 2, 3, 15, 16):
    check(f"{count} stems at unity", Mix("m", count).render(), plain_sum([1.0] * 16, count), 0.0)

faders_db = [-1.5 * k for k in range(16)]
gains = [10 ** (db / 20) for db in faders_db]
mix = Mix("faders")
for k, db in enumerate(faders_db):
    mix.set(f"Stem {k + 1:02} Fader", position(db))
check("sixteen faders", mix.render(), plain_sum(gains), 2e-6, SETTLED)

state = os.path.join(tempfile.mkdtemp(), "state")
mix.plugin.save_state(state)
again = Mix("again")
again.plugin.load_state(state)
check("the same from a saved state", again.render(), plain_sum(gains), 2e-6)

step = RATE // 4
mute = np.zeros(FRAMES, np.float32)
mute[step:] = 1.0
mix = Mix("automated")
assert mix.plugin.set_automation(mix.index["Stem 09 Mute"], mute)
heard = mix.render()
unity = plain_sum([1.0] * 16)
first = int(np.argmax(np.any(heard != unity, axis=0)))
assert step <= first <= step + BLOCK, f"the mute of frame {step} is heard at {first}"
print(f"  a mute automated at frame {step} is heard from frame {first}")
without = plain_sum([0.0 if k == 8 else 1.0 for k in range(16)])
check("the mix without the muted stem", heard, without, 2e-6, SETTLED)
print("dawdreamer: all good", flush=True)
os._exit(0)  # the host's own teardown is not what is tested
