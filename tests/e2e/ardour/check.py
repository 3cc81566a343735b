"""What Ardour exported: each stem's own gain, mute by mute. argv: the exported WAV."""
import sys

import numpy as np
from pedalboard.io import AudioFile

SLOT = 12_000
with AudioFile(sys.argv[1]) as f:
    audio = f.read(f.frames)
assert audio.shape[1] >= 18 * SLOT - 1024, audio.shape

# Track k carries a constant 0.5 at its own level; every odd stem is turned over.
stems = [0.5 * 0.01 * k * (-1 if k % 2 else 1) for k in range(1, 17)]
total = sum(stems)


def settled(slot):
    return audio[:, slot * SLOT + SLOT // 2 : (slot + 1) * SLOT - 1200]


def check(what, slot, want):
    worst = float(np.max(np.abs(settled(slot) - want)))
    assert worst < 2e-6, f"{what}: off by {worst}, heard {settled(slot)[:, 0]}, should be {want}"


check("all sixteen", 0, total)
for k in range(1, 17):
    check(f"stem {k} muted", k, total - stems[k - 1])
check("stem 3's fader down", 17, total - stems[2])
edge = np.argmax(np.abs(audio[0, SLOT - 600 : SLOT + 1200] - total) > 1e-5) - 600
assert 0 <= edge < 64, f"the first mute is heard {edge} frames from where it was drawn"
print("ardour: each of sixteen stems, automation and the reopened session are right")
