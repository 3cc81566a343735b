"""In real music the consistency check finds every fault that is planted and nothing else; clashes and readouts are told.

argv: the stem-render program, the folder of make_stems.sh. Needs nothing but Python.
"""
import array
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

RENDER, STEMS = sys.argv[1], os.path.abspath(sys.argv[2])  # links to the stems lie elsewhere
RATE_HZ = 48_000


def run(*arguments):
    return subprocess.run([RENDER, *arguments], check=True, capture_output=True, text=True).stdout


def read(path):
    """Left and right of a 32-bit float file, interleaved."""
    with open(path, "rb") as f:
        content = f.read()
    at = content.index(b"data")
    (size,) = struct.unpack("<I", content[at + 4 : at + 8])
    return array.array("f", content[at + 8 : at + 8 + size])


def write(path, samples, rate_hz=RATE_HZ, bits=32):
    if bits == 32:
        kind, body = 3, samples.tobytes()
    else:
        kind, body = 1, array.array("h", (round(32767 * max(-1.0, min(1.0, x))) for x in samples)).tobytes()
    frame = bits // 4
    head = struct.pack("<HHIIHH", kind, 2, rate_hz, rate_hz * frame, frame, bits)
    with open(path, "wb") as f:
        f.write(b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " + struct.pack("<I", 16) + head)
        f.write(b"data" + struct.pack("<I", len(body)) + body)


def scaled(samples, gain):
    return array.array("f", (gain * x for x in samples))


def delayed(samples, frames):
    return array.array("f", bytes(8 * frames)) + samples[: len(samples) - 2 * frames]


def with_room(samples, frames, gain):
    """A second microphone: the sound later and at another gain, and a noise of its own."""
    noise, level = random.Random(7), 0.05 * max(map(abs, samples))
    return array.array("f", (gain * x + noise.uniform(-level, level) for x in delayed(samples, frames)))


def low_passed(samples):
    result = array.array("f", samples)
    for side in (0, 1):
        sound = list(samples[side::2])
        for _ in range(6):
            low = 0.0
            for n, x in enumerate(sound):
                low += 0.02 * (x - low)
                sound[n] = low
        result[side::2] = array.array("f", sound)
    return scaled(result, max(map(abs, samples)) / max(map(abs, result)))


def one_side(samples):
    result = array.array("f", samples)
    result[1::2] = array.array("f", bytes(4 * (len(samples) // 2)))
    return result


def opposite_sides(samples):
    result = array.array("f", samples)
    result[1::2] = scaled(samples[0::2], -0.9)
    return result


def broken(samples):
    result = array.array("f", samples)
    result[100_000:100_010] = array.array("f", [math.nan] * 10)
    return result


def found(files, balance=None):
    told = json.loads(run("check", "--json", *files, *(["--balance", balance] if balance else [])))
    return [(finding["name"], finding["kind"]) for finding in told["findings"]], told


folder = tempfile.mkdtemp()
total = 0
for piece in sorted(os.listdir(STEMS)):
    home = os.path.join(STEMS, piece)
    if not os.path.isdir(home):
        continue
    files = sorted(os.path.join(home, f) for f in os.listdir(home) if not f.startswith("_"))
    kinds, told = found(files)
    assert kinds == [], f"{piece} is clean, yet: {[finding['words'] for finding in told['findings']]}"

    victim = next(f for f in files if os.path.basename(f) in ("guitar.wav", "keys.wav", "piano.wav"))
    name = os.path.splitext(os.path.basename(victim))[0]
    sound = read(victim)
    loud = max(abs(x) for x in sound)

    def plant(kind, samples, in_place=True, of=None, other_files=None, **form):
        """Puts a file in the place of the victim, or beside it: what is planted is found, and nothing else."""
        global total
        base = of or (name if in_place else "planted")
        path = os.path.join(folder, f"{base}.wav")
        write(path, samples, **form)
        others = [f for f in files if not in_place or f != victim] if other_files is None else other_files
        kinds, told = found(others + [path])
        words = [finding["words"] for finding in told["findings"]]
        assert kinds == [(base, kind)], f"{piece}: {kind} planted, found {kinds} {words}"
        total += 1
        return told["findings"][0]

    plant("silent", scaled(sound, 0.0))
    plant("clipped", array.array("f", (max(-1.0, min(1.0, 1.3 / loud * x)) for x in sound)))
    plant("no_numbers", broken(sound))
    plant("dc", array.array("f", (x + 0.03 for x in sound)))
    plant("one_sided", one_side(sound))
    plant("mono_loss", opposite_sides(sound))
    plant("level", scaled(sound, 10 ** (-45 / 20)))
    plant("tilt", low_passed(sound))
    plant("length", sound[: len(sound) - 2 * RATE_HZ])
    plant("sample_rate", sound[: len(sound) * 441 // 480 // 2 * 2], rate_hz=44_100)
    plant("bits", sound, bits=16)
    plant("says_nothing", sound, of="Audio 3")
    plant("twin", scaled(sound, 0.5), in_place=False)
    plant("flipped_twin", scaled(sound, -1.0), in_place=False)
    plant("sum_of_others", read(os.path.join(home, "_fullmix.wav")), in_place=False)
    offset = plant("offset", with_room(sound, 613, 0.5), in_place=False)
    assert "613.0 frames" in offset["words"], offset
    waits = {change["parameter"]: change["value"] for change in offset["changes"]}
    assert len(waits) == len(files) and all(abs(ms - 613 / 48) < 1e-4 for ms in waits.values()), waits
    plant("opposed", with_room(sound, 0, -0.5), in_place=False)

    # The others get a second of silence before them.
    waiting = []
    for number, file in enumerate(files):
        if file != victim:
            waiting.append(os.path.join(folder, os.path.basename(file)))
            write(waiting[-1], array.array("f", bytes(8 * RATE_HZ)) + read(file))
    first = next(n for n in range(len(sound)) if abs(sound[n]) > 2e-4) // 2 * 2
    plant("begins_early", sound[first:], of=f"{name} cut", other_files=waiting)

    cut = os.path.join(folder, "cut off.wav")
    with open(victim, "rb") as whole, open(cut, "wb") as part:
        part.write(whole.read()[:100_000])
    kinds, _ = found(files + [cut])
    assert kinds == [("cut off", "unreadable")], kinds
    numbered = []
    for number, file in enumerate(files):
        numbered.append(os.path.join(folder, f"Part {number * 3 + 1} {os.path.basename(file)}"))
        if not os.path.exists(numbered[-1]):
            os.symlink(file, numbered[-1])
    kinds, told = found(numbered)
    assert {kind for _, kind in kinds} == {"unsorted"} and len(kinds) == 3, kinds
    assert told["findings"][0]["changes"][0]["name"].startswith("Part 01 "), told["findings"][0]
    total += 2

    clash = json.loads(run("clash", "--json", *files))
    best = clash["pairs"][0]
    print(f"  {piece}: clean, {clash['words'][0][0]}")
    assert 0 < best["share"] < 1 and len(clash["covered"]) == len(files)
    described = json.loads(run("describe", "--json", *files))
    measured = json.loads(run("measure", "--json", *files))["mix"]
    assert abs(described["readouts"]["loudness_lufs"] - measured["integrated_lufs"]) < 0.01
    assert len(described["contour"]) == 30
print(f"consistency: {total} faults planted and found, nothing else")
