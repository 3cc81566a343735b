"""Pedalboard feeds the main input alone and leaves every auxiliary unconnected. argv: the bundle."""
import sys

import numpy as np
import pedalboard

RATE = 48_000
audio = np.random.default_rng(1).uniform(-0.5, 0.5, (2, RATE)).astype(np.float32)
plugin = pedalboard.load_plugin(sys.argv[1])
for block in (64, 512, 8192):
    heard = plugin(audio, RATE, buffer_size=block)
    assert np.array_equal(heard, audio), f"blocks of {block}: the main input does not pass as it is"
name = next(n for n in plugin.parameters if n.startswith("stem_01_mute"))
setattr(plugin, name, True)
heard = plugin(audio, RATE, buffer_size=512)
assert np.max(np.abs(heard[:, RATE // 2 :])) == 0.0, "mute leaves something"
print("pedalboard: all good")
