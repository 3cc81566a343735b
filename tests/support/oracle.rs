//! The mix once more, as plain as it can be: one stem after the other, one frame after the other, in f64.
//! What the lanes do must be this.

use super::rig::Event;
use super::signals::Stereo;
use stemwright::dsp::delay;
use stemwright::dsp::design::{self, BUTTERWORTH_Q, Biquad, STEEP_QS, TILT_PIVOT_HZ};
use stemwright::dsp::sanitise::sanitise;
use stemwright::dsp::smooth::{GAIN_TAU_S, TwoPole, pole};
use stemwright::dsp::svf::Trapezoid;
use stemwright::engine::TICK_FRAMES;
use stemwright::engine::resolve::{MixTarget, StripTarget};
use stemwright::model::limits::{LOW_PASS_OPEN_HZ, STEMS};
use stemwright::model::settings::{MixSettings, Slope, ToneSettings};

/// Left and right in f64.
pub type Wide = [Vec<f64>; 2];

/// Time constant of each pole that moves a value of a section.
const VALUE_TAU_S: f64 = 0.01;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    HighPass,
    LowShelf,
    Bell,
    HighShelf,
    LowPass,
    Tilt,
}

/// What a section is asked to do.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Wish {
    kind: Kind,
    hz: f64,
    gain_db: f64,
    q: f64,
    sounds: bool,
}

/// The eight sections of a stem, in the order of the signal.
fn wishes(tone: &ToneSettings) -> [Wish; 8] {
    let wish = |kind, hz: f32, gain_db: f32, q: f64, sounds: bool| Wish {
        kind,
        hz: f64::from(hz),
        gain_db: f64::from(gain_db),
        q,
        sounds: sounds && tone.on,
    };
    let first_q = |slope| if slope == Slope::Steep { STEEP_QS[0] } else { BUTTERWORTH_Q };
    let low_sounds = tone.low_pass_hz < LOW_PASS_OPEN_HZ;
    let is = |slope: Slope, steep: bool| if steep { slope == Slope::Steep } else { slope != Slope::Off };
    [
        wish(Kind::HighPass, tone.high_pass_hz, 0.0, first_q(tone.high_pass), is(tone.high_pass, false)),
        wish(Kind::HighPass, tone.high_pass_hz, 0.0, STEEP_QS[1], is(tone.high_pass, true)),
        wish(Kind::LowShelf, tone.low_shelf_hz, tone.low_shelf_db, BUTTERWORTH_Q, true),
        wish(Kind::Bell, tone.bell_hz, tone.bell_db, f64::from(tone.bell_q), true),
        wish(Kind::HighShelf, tone.high_shelf_hz, tone.high_shelf_db, BUTTERWORTH_Q, true),
        wish(
            Kind::LowPass,
            tone.low_pass_hz,
            0.0,
            first_q(tone.low_pass),
            low_sounds && is(tone.low_pass, false),
        ),
        wish(Kind::LowPass, tone.low_pass_hz, 0.0, STEEP_QS[1], low_sounds && is(tone.low_pass, true)),
        wish(Kind::Tilt, TILT_PIVOT_HZ as f32, tone.tilt_db, BUTTERWORTH_Q, true),
    ]
}

struct Section {
    kind: Kind,
    octaves: TwoPole,
    gain_db: TwoPole,
    q_octaves: TwoPole,
    weight: TwoPole,
    from: Trapezoid,
    to: Trapezoid,
    state: [[f64; 2]; 2],
}

impl Section {
    fn new(wish: Wish, rate_hz: f64) -> Self {
        let biquad = design(wish.kind, wish.hz, wish.gain_db, wish.q, rate_hz);
        Self {
            kind: wish.kind,
            octaves: TwoPole::at(wish.hz.log2()),
            gain_db: TwoPole::at(wish.gain_db),
            q_octaves: TwoPole::at(wish.q.log2()),
            weight: TwoPole::at(if wish.sounds { 1.0 } else { 0.0 }),
            from: biquad.into(),
            to: biquad.into(),
            state: [[0.0; 2]; 2],
        }
    }

    fn is_off(&self) -> bool {
        self.weight.value() == 0.0 && !self.weight.is_moving()
    }

    fn tick(&mut self, wish: Wish, rate_hz: f64) {
        if self.is_off() {
            *self = Self { weight: self.weight, ..Self::new(wish, rate_hz) };
        }
        let is_moving =
            [self.octaves, self.gain_db, self.q_octaves, self.weight].iter().any(TwoPole::is_moving);
        if !is_moving && !matches!(self.kind, Kind::HighPass | Kind::LowPass) && self.gain_db.value() == 0.0 {
            // Flat: left out, and nothing is remembered.
            self.state = [[0.0; 2]; 2];
        }
        if wish.sounds {
            self.octaves.aim(wish.hz.log2());
            self.gain_db.aim(wish.gain_db);
            self.q_octaves.aim(wish.q.log2());
        }
        self.weight.aim(if wish.sounds { 1.0 } else { 0.0 });
        self.from = self.to;
        let step = pole(VALUE_TAU_S, rate_hz / TICK_FRAMES as f64);
        let [octaves, gain_db, q_octaves] =
            [&mut self.octaves, &mut self.gain_db, &mut self.q_octaves].map(|value| value.next(step));
        self.to = design(self.kind, octaves.exp2(), gain_db, q_octaves.exp2(), rate_hz).into();
    }

    /// `frame` counts from the tick.
    fn next(&mut self, frame: usize, gain_pole: f64, x: [f64; 2]) -> [f64; 2] {
        let weight = self.weight.next(gain_pole);
        if self.is_off() {
            return x;
        }
        let t = (frame + 1) as f64 / TICK_FRAMES as f64;
        let mix = |from: f64, to: f64| from + t * (to - from);
        let (from, to) = (self.from, self.to);
        let section = Trapezoid {
            r: mix(from.r, to.r),
            u: mix(from.u, to.u),
            w: mix(from.w, to.w),
            c0: mix(from.c0, to.c0),
            c1: mix(from.c1, to.c1),
            gain: mix(from.gain, to.gain),
        };
        [0, 1].map(|side| {
            let y = section.next(&mut self.state[side], x[side]);
            x[side] + weight * (y - x[side])
        })
    }
}

fn design(kind: Kind, hz: f64, gain_db: f64, q: f64, rate_hz: f64) -> Biquad {
    match kind {
        Kind::HighPass => design::high_pass(hz, q, rate_hz),
        Kind::LowShelf => design::low_shelf(hz, gain_db, rate_hz),
        Kind::Bell => design::bell(hz, gain_db, q, rate_hz),
        Kind::HighShelf => design::high_shelf(hz, gain_db, rate_hz),
        Kind::LowPass => design::low_pass(hz, q, rate_hz),
        Kind::Tilt => design::tilt(gain_db, rate_hz),
    }
}

/// All that has come in, the tap in use, and a fade to another.
struct Line {
    past: Vec<[f64; 2]>,
    /// How much of the past may be heard: what came while there was no delay is forgotten.
    recorded: usize,
    tap: usize,
    next: Option<(usize, TwoPole)>,
}

impl Line {
    /// `at_rest`: the delay the engine was reset to, before which there was silence.
    fn new(at_rest: usize) -> Self {
        Self { past: Vec::new(), recorded: usize::MAX, tap: at_rest, next: None }
    }

    fn next(&mut self, wanted: usize, gain_pole: f64, x: [f64; 2]) -> [f64; 2] {
        if self.tap == 0 && self.next.is_none() && wanted == 0 {
            self.recorded = 0;
        } else {
            self.recorded = self.recorded.saturating_add(1);
        }
        self.past.push(x);
        if self.next.is_none() && wanted != self.tap && wanted < self.recorded {
            let mut fade = TwoPole::at(0.0);
            fade.aim(1.0);
            self.next = Some((wanted, fade));
        }
        let tap = |delay: usize| match self.past.len().checked_sub(1 + delay) {
            Some(at) if delay < self.recorded.max(1) => self.past[at],
            _ => [0.0; 2],
        };
        let old = tap(self.tap);
        let Some((delay, mut fade)) = self.next else { return old };
        let (new, t) = (tap(delay), fade.next(gain_pole));
        self.next = Some((delay, fade));
        if !fade.is_moving() {
            (self.tap, self.next) = (delay, None);
        }
        [0, 1].map(|side| old[side] + t * (new[side] - old[side]))
    }
}

/// What each stem comes to in the mix before the output gain, and the mix; bypass is not looked at.
pub struct Heard {
    /// After the level.
    pub stems: Vec<Wide>,
    /// After the output gain.
    pub mix: Wide,
}

/// Mixes all stems from rest at `start`, with timed changes.
pub fn mix(rate_hz: f64, start: &MixSettings, stems: &[Stereo], events: &[Event]) -> Heard {
    let frames = stems[0][0].len();
    let mut events = events.to_vec();
    events.sort_by_key(|(frame, ..)| *frame);
    let parts: Vec<Wide> =
        (0..STEMS).map(|stem| strip(rate_hz, start, stem, &stems[stem], &events)).collect();

    let gain_pole = pole(GAIN_TAU_S, rate_hz);
    let mut settings = *start;
    let mut output = TwoPole::at(MixTarget::new(start).output);
    let mut events = events.iter().peekable();
    let mut mix = [vec![0.0; frames], vec![0.0; frames]];
    for n in 0..frames {
        while let Some((_, key, value)) = events.next_if(|(frame, ..)| *frame <= n) {
            settings.set(*key, *value);
        }
        output.aim(MixTarget::new(&settings).output);
        let gain = output.next(gain_pole);
        for side in 0..2 {
            mix[side][n] = gain * parts.iter().map(|part| part[side][n]).sum::<f64>();
        }
    }
    Heard { stems: parts, mix }
}

/// A stem after its level.
pub fn strip(rate_hz: f64, start: &MixSettings, stem: usize, sound: &Stereo, events: &[Event]) -> Wide {
    let frames = sound[0].len();
    let gain_pole = pole(GAIN_TAU_S, rate_hz);
    let mut settings = *start;
    let mut target = StripTarget::new(&settings, stem, rate_hz);
    let mut line = Line::new(delay::frames(f64::from(settings.stems[stem].delay_ms), rate_hz));
    let mut sections = wishes(&settings.stems[stem].tone).map(|wish| Section::new(wish, rate_hz));
    let mut gains = target.matrix.map(TwoPole::at);
    let mut level = TwoPole::at(target.level);
    let mut events = events.iter().peekable();
    let mut out = [vec![0.0; frames], vec![0.0; frames]];
    for n in 0..frames {
        while let Some((_, key, value)) = events.next_if(|(frame, ..)| *frame <= n) {
            settings.set(*key, *value);
            target = StripTarget::new(&settings, stem, rate_hz);
        }
        if n % TICK_FRAMES == 0 {
            for (section, wish) in sections.iter_mut().zip(wishes(&settings.stems[stem].tone)) {
                section.tick(wish, rate_hz);
            }
        }
        let mut x = [0, 1].map(|side| f64::from(sanitise(sound[side][n])));
        x = line.next(target.delay_frames, gain_pole, x);
        for section in &mut sections {
            x = section.next(n % TICK_FRAMES, gain_pole, x);
        }
        for (gain, to) in gains.iter_mut().zip(target.matrix) {
            gain.aim(to);
        }
        level.aim(target.level);
        let [ll, lr, rl, rr] = gains.each_mut().map(|gain| gain.next(gain_pole));
        let level = level.next(gain_pole);
        out[0][n] = level * (ll * x[0] + lr * x[1]);
        out[1][n] = level * (rl * x[0] + rr * x[1]);
    }
    out
}
