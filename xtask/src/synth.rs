//! The few instruments' parts the demo piece is played on: oscillators, noise, filters, a string, a room.

use std::f32::consts::{FRAC_PI_4, TAU};

/// The piece's sample rate in Hz.
pub const RATE_HZ: u32 = 48_000;
const RATE: f32 = RATE_HZ as f32;

/// One stem's audio: left and right, equally long.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Left and right.
    pub sides: [Vec<f32>; 2],
}

impl Sound {
    /// Silence of this many frames.
    pub fn silent(frames: usize) -> Self {
        Self { sides: [vec![0.0; frames], vec![0.0; frames]] }
    }

    /// Frames it has.
    pub fn frames(&self) -> usize {
        self.sides[0].len()
    }

    /// Adds a voice from `start` for `frames`, at constant power between left (-1) and right (1).
    /// `voice` is asked for one sample after the other, by the time in seconds since it began.
    pub fn add(&mut self, start: usize, frames: usize, pan: f32, mut voice: impl FnMut(f32) -> f32) {
        let (right, left) = ((pan + 1.0) * FRAC_PI_4).sin_cos();
        let end = (start + frames).min(self.frames());
        for at in start..end {
            let x = voice((at - start) as f32 / RATE);
            self.sides[0][at] += left * x;
            self.sides[1][at] += right * x;
        }
    }

    /// Runs a filter over each side; `make` gives a fresh one for it.
    pub fn filter<F: FnMut(f32) -> f32>(&mut self, make: impl Fn() -> F) {
        for side in &mut self.sides {
            let mut filter = make();
            side.iter_mut().for_each(|x| *x = filter(*x));
        }
    }

    /// Adds the sound of a room, `amount` of it.
    pub fn room(&mut self, amount: f32) {
        let mut room = Room::new();
        for at in 0..self.frames() {
            let wet = room.next([self.sides[0][at], self.sides[1][at]]);
            self.sides[0][at] += amount * wet[0];
            self.sides[1][at] += amount * wet[1];
        }
    }

    /// Turns the whole up or down until its largest sample has this magnitude.
    pub fn peak_at(mut self, peak: f32) -> Self {
        let now = self.sides.iter().flatten().fold(f32::MIN_POSITIVE, |peak, x| peak.max(x.abs()));
        self.sides.iter_mut().flatten().for_each(|x| *x *= peak / now);
        self
    }
}

/// Frequency of a MIDI note in Hz.
pub fn pitch_hz(note: f32) -> f32 {
    440.0 * ((note - 69.0) / 12.0).exp2()
}

/// Rises within `attack` seconds, falls within `release` before `length`.
pub fn swell(t: f32, attack: f32, length: f32, release: f32) -> f32 {
    let ease = |x: f32| x.clamp(0.0, 1.0).powi(2) * (3.0 - 2.0 * x.clamp(0.0, 1.0));
    ease(t / attack) * ease((length - t) / release)
}

/// Falls to 1/e within `tau` seconds, after a millisecond's rise that keeps the start from clicking.
pub fn strike(t: f32, tau: f32) -> f32 {
    (t / 0.001).min(1.0) * (-t / tau).exp()
}

/// A sine at a phase in cycles.
pub fn sine(cycles: f32) -> f32 {
    (TAU * cycles.fract()).sin()
}

/// A sawtooth that moves on by `hz` per sample asked for, its step rounded off against aliasing.
pub fn saw(phase: f32) -> impl FnMut(f32) -> f32 {
    let mut phase = phase.fract();
    move |hz| {
        let step = hz / RATE;
        phase = (phase + step).fract();
        let corner = if phase < step {
            let x = phase / step;
            x + x - x * x - 1.0
        } else if phase > 1.0 - step {
            let x = (phase - 1.0) / step;
            x * x + x + x + 1.0
        } else {
            0.0
        };
        2.0 * phase - 1.0 - corner
    }
}

/// White noise between -1 and 1, the same for the same seed (xorshift).
pub fn noise(seed: u32) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / (u32::MAX / 2) as f32 - 1.0
    }
}

/// What of a two-pole filter is wanted.
#[derive(Clone, Copy)]
pub enum Pass {
    /// What is below.
    Low,
    /// What is around, at unity in the middle.
    Band,
    /// What is above.
    High,
}

/// A two-pole filter (trapezoidal state variable).
pub fn two_pole(pass: Pass, hz: f32, q: f32) -> impl FnMut(f32) -> f32 {
    let g = (TAU / 2.0 * hz / RATE).tan();
    let k = 1.0 / q;
    let a = 1.0 / (1.0 + g * (g + k));
    let (mut s1, mut s2) = (0.0f32, 0.0f32);
    move |x| {
        let high = a * (x - (g + k) * s1 - s2);
        let band = g * high + s1;
        let low = g * band + s2;
        (s1, s2) = (g * high + band, g * band + low);
        match pass {
            Pass::Low => low,
            Pass::Band => k * band,
            Pass::High => high,
        }
    }
}

/// A plucked string (Karplus and Strong): noise going round in a delay, softened at each turn.
pub fn string(hz: f32, tau: f32, seed: u32) -> impl FnMut(f32) -> f32 {
    // The softening takes half a sample, reading between two samples takes what is left of the period.
    let period = RATE / hz - 0.5;
    let whole = period as usize;
    let part = period - whole as f32;
    let loss = (-1.0 / (hz * tau)).exp();
    let (mut noise, mut soft) = (noise(seed), two_pole(Pass::Low, 2_600.0, 0.6));
    let mut ring: Vec<f32> = (0..whole + 2).map(|_| soft(noise())).collect();
    let (mut at, mut last) = (0, 0.0);
    move |_| {
        let len = ring.len();
        let tap = |back: usize| ring[(at + len - back) % len];
        let x = (1.0 - part) * tap(whole) + part * tap(whole + 1);
        let y = loss * 0.5 * (x + last);
        last = x;
        ring[at] = y;
        at = (at + 1) % len;
        y
    }
}

/// A small hall: four delays that feed each other by a Hadamard matrix, each softened.
struct Room {
    lines: [Vec<f32>; 4],
    soft: [f32; 4],
    at: usize,
}

impl Room {
    fn new() -> Self {
        let lines = [1_553, 2_003, 2_411, 2_887].map(|frames| vec![0.0; frames]);
        Self { lines, soft: [0.0; 4], at: 0 }
    }

    fn next(&mut self, [left, right]: [f32; 2]) -> [f32; 2] {
        const KEPT: f32 = 0.84;
        const SOFT: f32 = 0.35;
        let mut out = [0.0; 4];
        for ((out, line), soft) in out.iter_mut().zip(&self.lines).zip(&mut self.soft) {
            let x = line[self.at % line.len()];
            *soft += (1.0 - SOFT) * (x - *soft);
            *out = *soft;
        }
        let [a, b, c, d] = out;
        let back = [a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d];
        let fed = [left, right, right, left];
        for ((line, back), fed) in self.lines.iter_mut().zip(back).zip(fed) {
            let len = line.len();
            line[self.at % len] = fed + KEPT * 0.5 * back;
        }
        self.at += 1;
        [a + c, b + d]
    }
}
