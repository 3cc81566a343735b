//! A short piece of our own for the demo: ten stems, verse, chorus and an ending, with a balance and
//! the rides of its faders and pans. The same at every run.

use crate::synth::{Pass, RATE_HZ, Sound, noise, pitch_hz, saw, sine, strike, string, swell, two_pole};
use stemwright::model::document::Document;
use stemwright::model::limits::{MixParam, ParamKey, Role, StripParam};

/// Frames of a sixteenth, at 100 beats a minute.
const SIXTEENTH: usize = RATE_HZ as usize * 60 / 100 / 4;
const BAR: usize = 16 * SIXTEENTH;
/// Four bars of verse, four of chorus, two of ending, one to ring out.
const BARS: usize = 11;
const CHORUS: usize = 4;
const ENDING: usize = 8;

/// Frames of the whole piece.
pub const FRAMES: usize = BARS * BAR;
/// Where the demo saves and reopens: the chorus' second bar, while no control moves.
pub const HALFWAY: usize = (CHORUS + 1) * BAR;

/// The chord of each bar: the bass note, then what the others play over it, as MIDI notes.
const CHORDS: [(f32, [f32; 4]); BARS] = [
    (45.0, [57.0, 60.0, 64.0, 67.0]), // A minor 7
    (41.0, [57.0, 60.0, 64.0, 65.0]), // F major 7
    (48.0, [55.0, 60.0, 64.0, 67.0]), // C
    (43.0, [55.0, 59.0, 62.0, 69.0]), // G add 9
    (41.0, [57.0, 60.0, 65.0, 69.0]), // F
    (43.0, [55.0, 59.0, 62.0, 67.0]), // G
    (40.0, [55.0, 59.0, 64.0, 67.0]), // E minor
    (45.0, [57.0, 60.0, 64.0, 69.0]), // A minor
    (41.0, [57.0, 60.0, 64.0, 65.0]), // F major 7
    (43.0, [55.0, 60.0, 62.0, 67.0]), // G suspended
    (48.0, [55.0, 60.0, 64.0, 71.0]), // C major 7
];

/// The tune: start and length in sixteenths from the first bar, and the note.
const TUNE: [(usize, usize, f32); 33] = [
    (4, 3, 76.0),
    (7, 1, 74.0),
    (8, 6, 72.0),
    (20, 3, 72.0),
    (23, 1, 71.0),
    (24, 7, 69.0),
    (36, 2, 67.0),
    (38, 2, 69.0),
    (40, 6, 72.0),
    (50, 2, 71.0),
    (52, 4, 74.0),
    (56, 6, 71.0),
    (64, 4, 77.0),
    (68, 2, 76.0),
    (70, 2, 77.0),
    (72, 6, 81.0),
    (78, 2, 79.0),
    (80, 6, 79.0),
    (86, 2, 77.0),
    (88, 6, 74.0),
    (96, 4, 76.0),
    (100, 2, 74.0),
    (102, 2, 76.0),
    (104, 6, 79.0),
    (110, 2, 77.0),
    (112, 4, 76.0),
    (116, 4, 72.0),
    (120, 8, 69.0),
    (130, 2, 72.0),
    (132, 4, 76.0),
    (136, 6, 77.0),
    (146, 6, 74.0),
    (160, 12, 76.0),
];

/// A stem of the piece and what its strip starts with.
pub struct Part {
    /// The stem's name.
    pub name: &'static str,
    role: Role,
    /// Fader in dB, pan from -1 to 1, width in per cent.
    strip: [f32; 3],
    play: fn() -> Sound,
}

const fn part(name: &'static str, role: Role, strip: [f32; 3], play: fn() -> Sound) -> Part {
    Part { name, role, strip, play }
}

/// The stems in their order.
pub const PARTS: [Part; 10] = [
    part("Kick", Role::Drums, [-1.0, 0.0, 100.0], kick),
    part("Snare", Role::Drums, [-4.0, 0.0, 100.0], snare),
    part("Hats", Role::Drums, [-9.0, 0.25, 100.0], hats),
    part("Bass", Role::Bass, [-3.0, 0.0, 0.0], bass),
    part("Keys", Role::Keys, [-6.5, 0.3, 80.0], keys),
    part("Guitar", Role::Guitars, [-5.0, -0.45, 100.0], guitar),
    part("Pad", Role::Pads, [-16.0, 0.0, 140.0], pad),
    part("Lead", Role::Lead, [-1.5, 0.0, 100.0], lead),
    part("Choir", Role::Backing, [f32::NEG_INFINITY, 0.0, 160.0], choir),
    part("Bells", Role::Effects, [-9.0, 0.0, 100.0], bells),
];

impl Part {
    /// The stem's audio, [`FRAMES`] long.
    pub fn sound(&self) -> Sound {
        (self.play)()
    }
}

/// The balance the piece begins with.
pub fn balance() -> Document {
    let mut document = Document::default();
    document.mix.output_db = OUTPUT_DB;
    for (stem, part) in PARTS.iter().enumerate() {
        document.stems[stem].rename(part.name);
        document.stems[stem].role = part.role;
        let [fader_db, pan, width_percent] = part.strip;
        let strip = &mut document.mix.stems[stem];
        strip.set(StripParam::Fader, fader_db);
        strip.set(StripParam::Pan, pan);
        strip.set(StripParam::Width, width_percent);
    }
    document
}

/// Brings the balance to about the loudness of the plain sum.
const OUTPUT_DB: f32 = 3.0;

/// A move of one control from bar to bar (in fractions), between two values in its unit.
#[derive(Clone, Copy)]
pub struct Ride {
    /// The control.
    pub key: ParamKey,
    /// Where it starts and ends, in frames.
    pub frames: [usize; 2],
    /// The values there.
    pub values: [f32; 2],
}

/// All rides in order of time.
pub fn rides() -> Vec<Ride> {
    use StripParam::{Fader, Pan};
    let frame = |bar: f32| (bar * BAR as f32) as usize;
    let ride = |name: &str, param, bars: [f32; 2], values| {
        let stem = PARTS.iter().position(|part| part.name == name).unwrap_or_default();
        Ride { key: ParamKey::Stem(stem, param), frames: bars.map(frame), values }
    };
    let chorus = CHORUS as f32;
    let ending = ENDING as f32;
    let up = [chorus - 0.5, chorus];
    let down = [ending, ending + 0.5];
    let mut rides = vec![
        // The chorus opens: the lead steps forward, pad and choir come up, guitar and keys go wide.
        ride("Guitar", Pan, up, [-0.45, -0.75]),
        ride("Hats", Fader, up, [-9.0, -7.0]),
        ride("Keys", Pan, up, [0.3, 0.6]),
        ride("Lead", Fader, up, [-1.5, 1.0]),
        ride("Pad", Fader, [chorus - 1.0, chorus], [-16.0, -9.5]),
        ride("Choir", Fader, [chorus - 0.25, chorus + 0.75], [-40.0, -6.0]),
        // The bells wander from side to side.
        ride("Bells", Pan, [chorus + 1.25, chorus + 2.0], [0.0, -0.8]),
        ride("Bells", Pan, [chorus + 2.0, chorus + 3.0], [-0.8, 0.8]),
        ride("Bells", Pan, [chorus + 3.0, chorus + 3.75], [0.8, 0.0]),
        // And it closes again.
        ride("Guitar", Pan, down, [-0.75, -0.45]),
        ride("Keys", Pan, down, [0.6, 0.3]),
        ride("Lead", Fader, down, [1.0, -1.5]),
        ride("Choir", Fader, [ending, ending + 1.5], [-6.0, -18.0]),
        ride("Pad", Fader, [ending, ending + 2.0], [-9.5, -13.0]),
    ];
    rides.push(Ride {
        key: ParamKey::Mix(MixParam::Output),
        frames: [frame(ending + 2.5), FRAMES],
        values: [OUTPUT_DB, -60.0],
    });
    rides
}

/// Seconds of a number of frames.
fn seconds(frames: usize) -> f32 {
    frames as f32 / RATE_HZ as f32
}

fn kick() -> Sound {
    let mut sound = Sound::silent(FRAMES);
    for bar in 0..ENDING + 1 {
        let beats: &[usize] = match bar {
            0..CHORUS => &[0, 7, 10],
            CHORUS..ENDING => &[0, 4, 8, 11, 12],
            _ => &[0],
        };
        for beat in beats {
            sound.add(bar * BAR + beat * SIXTEENTH, BAR / 4, 0.0, |t| {
                // The pitch falls from 150 Hz to 48 Hz; its integral is the phase.
                let phase = 48.0 * t + 102.0 * 0.028 * (1.0 - (-t / 0.028).exp());
                strike(t, 0.14) * sine(phase) + 0.25 * strike(t, 0.004) * sine(1_800.0 * t)
            });
        }
    }
    sound.peak_at(0.21)
}

fn snare() -> Sound {
    let mut sound = Sound::silent(FRAMES);
    for bar in 0..ENDING {
        let beats: &[usize] = if bar + 1 == CHORUS { &[4, 12, 13, 14, 15] } else { &[4, 12] };
        for &beat in beats {
            let level = if beat > 12 { 0.4 + 0.1 * (beat - 12) as f32 } else { 1.0 };
            let mut hiss = noise((bar * 16 + beat) as u32 + 1);
            let mut wires = two_pole(Pass::High, 1_500.0, 0.7);
            sound.add(bar * BAR + beat * SIXTEENTH, BAR / 4, 0.0, |t| {
                let body = strike(t, 0.07) * (sine(186.0 * t) + 0.5 * sine(331.0 * t));
                level * (0.6 * body + 0.8 * strike(t, 0.11) * wires(hiss()))
            });
        }
    }
    sound.room(0.12);
    sound.peak_at(0.27)
}

fn hats() -> Sound {
    let mut sound = Sound::silent(FRAMES);
    for step in 0..ENDING * 16 {
        let is_chorus = step / 16 >= CHORUS;
        let (level, tau) = match step % 4 {
            0 => (0.7, 0.025),
            2 if is_chorus => (1.0, 0.14),
            2 => (0.9, 0.045),
            _ if is_chorus => (0.45, 0.02),
            _ => continue,
        };
        let mut hiss = noise(step as u32 + 9_001);
        let mut bright = two_pole(Pass::High, 7_500.0, 0.8);
        sound.add(step * SIXTEENTH, 2 * SIXTEENTH, 0.0, |t| level * strike(t, tau) * bright(hiss()));
    }
    sound.peak_at(0.21)
}

fn bass() -> Sound {
    let mut sound = Sound::silent(FRAMES);
    for (bar, (root, _)) in CHORDS.iter().enumerate() {
        let notes: &[(usize, usize, f32)] = match bar {
            0..CHORUS => &[(0, 6, 0.0), (7, 2, 0.0), (10, 4, 0.0), (14, 2, 7.0)],
            CHORUS..ENDING => {
                &[(0, 3, 0.0), (4, 3, 0.0), (7, 1, 12.0), (8, 3, 0.0), (11, 1, 0.0), (12, 3, 7.0)]
            }
            _ => &[(0, 15, 0.0)],
        };
        for (start, length, step) in notes {
            let hz = pitch_hz(root - 12.0 + step);
            let frames = length * SIXTEENTH;
            let (mut wave, mut soft) = (saw(0.5), two_pole(Pass::Low, 520.0, 1.1));
            sound.add(bar * BAR + start * SIXTEENTH, frames, 0.0, |t| {
                let body = 0.8 * sine(hz * t) + 0.5 * soft(wave(hz));
                swell(t, 0.006, seconds(frames), 0.05) * (0.6 + 0.4 * (-t / 0.25).exp()) * body
            });
        }
    }
    sound.peak_at(0.18)
}

fn keys() -> Sound {
    let mut sound = Sound::silent(FRAMES);
    for (bar, (_, chord)) in CHORDS.iter().enumerate() {
        let hits: &[(usize, usize)] = if bar < ENDING { &[(0, 6), (6, 4), (11, 5)] } else { &[(0, 16)] };
        for (start, length) in hits {
            for (voice, note) in chord.iter().enumerate() {
                let hz = pitch_hz(*note);
                let frames = length * SIXTEENTH;
                let pan = -0.5 + voice as f32 / 3.0;
                // Rolled a little from the bottom up.
                let at = bar * BAR + start * SIXTEENTH + voice * 420;
                sound.add(at, frames, pan, |t| {
                    let tine = 0.25 * strike(t, 0.09) * sine(14.0 * hz * t);
                    let body = sine(hz * t + 0.22 * (-t / 0.5).exp() * sine(hz * t) + 0.05 * tine);
                    swell(t, 0.004, seconds(frames), 0.12) * strike(t, 1.1) * (body + 0.2 * tine)
                });
            }
        }
    }
    // A tremolo from side to side, as on the old electric pianos.
    for at in 0..FRAMES {
        let sway = 0.25 * sine(4.2 * seconds(at));
        sound.sides[0][at] *= 1.0 + sway;
        sound.sides[1][at] *= 1.0 - sway;
    }
    sound.room(0.10);
    sound.peak_at(0.24)
}

fn guitar() -> Sound {
    let mut sound = Sound::silent(FRAMES);
    const PATTERN: [(usize, usize); 8] = [(0, 0), (2, 2), (4, 3), (6, 1), (8, 2), (10, 3), (12, 2), (14, 1)];
    for (bar, (_, chord)) in CHORDS.iter().enumerate().take(BARS - 1) {
        for (start, voice) in PATTERN {
            let octave = if bar >= CHORUS && start % 4 == 2 { 12.0 } else { 0.0 };
            let seed = (bar * 16 + start) as u32 + 501;
            let mut pluck = string(pitch_hz(chord[voice] + octave), 0.9, seed);
            let pan = if voice % 2 == 0 { -0.2 } else { 0.2 };
            let at = bar * BAR + start * SIXTEENTH;
            sound.add(at, 8 * SIXTEENTH, pan, |t| swell(t, 0.001, 1.2, 0.3) * pluck(t));
        }
    }
    sound.filter(|| two_pole(Pass::High, 160.0, 0.7));
    sound.room(0.10);
    sound.peak_at(0.20)
}

/// Saws around every note of every chord, the detuned ones to the sides.
fn saws(bars: std::ops::Range<usize>, octave: f32, detune: f32, attack: f32) -> Sound {
    let mut sound = Sound::silent(FRAMES);
    for bar in bars {
        for (voice, note) in CHORDS[bar].1.iter().enumerate() {
            for side in [-1.0, 0.0, 1.0f32] {
                let hz = pitch_hz(note + octave + side * detune);
                let mut wave = saw(0.37 * voice as f32 + 0.29 * (side + 1.0));
                let frames = BAR + BAR / 8;
                sound.add(bar * BAR, frames, 0.85 * side, |t| {
                    let vibrato = 1.0 + 0.003 * sine(4.8 * t + 0.3 * voice as f32);
                    swell(t, attack, seconds(frames), 0.3) * wave(hz * vibrato)
                });
            }
        }
    }
    sound
}

fn pad() -> Sound {
    let mut sound = saws(0..BARS, 0.0, 0.09, 0.5);
    sound.filter(|| two_pole(Pass::Low, 900.0, 0.7));
    sound.filter(|| two_pole(Pass::High, 180.0, 0.7));
    sound.room(0.25);
    sound.peak_at(0.29)
}

fn choir() -> Sound {
    let mut sound = saws(CHORUS..BARS - 1, 0.0, 0.14, 0.25);
    // The formants of an open "ah".
    sound.filter(|| {
        let mut formants =
            [(720.0, 6.0), (1_150.0, 8.0), (2_600.0, 10.0)].map(|(hz, q)| two_pole(Pass::Band, hz, q));
        move |x| formants.iter_mut().zip([1.0, 0.7, 0.3]).map(|(formant, level)| level * formant(x)).sum()
    });
    sound.room(0.35);
    sound.peak_at(0.21)
}

fn lead() -> Sound {
    let mut sound = Sound::silent(FRAMES);
    for (start, length, note) in TUNE {
        let hz = pitch_hz(note);
        let frames = length * SIXTEENTH;
        let mut breath = noise(start as u32 + 77);
        let mut air = two_pole(Pass::Band, 2.0 * hz, 3.0);
        let mut phase = 0.0;
        sound.add(start * SIXTEENTH, frames, 0.0, |t| {
            // The vibrato grows into the note.
            let vibrato = 1.0 + 0.006 * (t / 0.5).min(1.0) * sine(5.3 * t);
            phase += hz * vibrato / RATE_HZ as f32;
            let reed = sine(phase)
                + 0.45 * sine(2.0 * phase)
                + 0.28 * sine(3.0 * phase)
                + 0.12 * sine(4.0 * phase)
                + 0.06 * sine(5.0 * phase);
            swell(t, 0.03, seconds(frames), 0.07) * (reed + 0.25 * air(breath()))
        });
    }
    sound.room(0.14);
    sound.peak_at(0.12)
}

fn bells() -> Sound {
    let mut sound = Sound::silent(FRAMES);
    for (bar, (_, chord)) in CHORDS.iter().enumerate().skip(CHORUS) {
        let steps: &[(usize, usize)] =
            if bar < ENDING { &[(2, 3), (6, 2), (10, 1), (13, 3)] } else { &[(0, 3)] };
        for (start, voice) in steps {
            let hz = pitch_hz(chord[*voice] + 24.0);
            sound.add(bar * BAR + start * SIXTEENTH, BAR, 0.0, |t| {
                strike(t, 0.6) * sine(hz * t + 0.3 * strike(t, 0.25) * sine(3.5 * hz * t))
            });
        }
    }
    sound.room(0.3);
    sound.peak_at(0.15)
}
