//! What the audio thread measures, for whoever draws it.

use super::loudness::Loudness;
use super::{Probe, Scope, Tape};
use crate::dsp::meter::Levels;
use crate::model::limits::STEMS;
use crate::model::settings::StripSettings;
use atomic_float::AtomicF32;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Readings of every stem and of the mix. Each field stands alone, so every access is relaxed. The audio
/// thread writes them some 200 times a second.
#[derive(Debug, Default)]
pub struct Meters {
    /// Each stem after its fader.
    stems: [Reading; STEMS],
    /// The mix after the output gain.
    mix: Reading,
    /// Mean square of each stem before its fader, K weighted, both sides together, over 400 ms. Zero where
    /// it is not measured.
    weighted: [AtomicF32; STEMS],
    /// The stem that somebody looks at.
    scope: Scope,
    /// Bit k: input k is connected. Written by the audio thread each block.
    connected: AtomicU32,
    /// Bit k: input k has carried sound. Written by the audio thread, cleared by [`Self::forget`].
    heard: AtomicU32,
    /// Fader in dB, pan and width in per cent of each stem with its layers on. Written by the audio thread when
    /// they change.
    sounding: [[AtomicF32; 3]; STEMS],
    /// Bit k: `sounding` of stem k was written. By the audio thread, once.
    aimed: AtomicU32,
    /// How much of the glide between scenes is left (0: there is none), and what `hold loudness` adds in dB.
    /// Written by the audio thread when they change.
    glide_left: AtomicF32,
    hold_db: AtomicF32,
    /// What the lead macro does to the leads and to the rest, in dB. Written by the audio thread when they change.
    lead_db: [AtomicF32; 2],
    /// The inputs, for the routing doctor.
    probe: Probe,
    loudness: Loudness,
    /// All stems, while somebody records them.
    tape: Tape,
}

/// Lower peaks (-70 dBFS) are below every meter's scale.
const SEEN: f32 = 3.2e-4;

/// One stereo signal.
#[derive(Debug, Default)]
struct Reading {
    /// Largest magnitudes, left and right. The audio thread raises them; the reader sets them back to
    /// zero when it takes them.
    peaks: [AtomicF32; 2],
    /// Left, right, left times right, as in [`Powers`].
    powers: [AtomicF32; 3],
}

/// Mean squares of a stereo signal, averaged with [`crate::dsp::meter::POWER_TAU_S`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Powers {
    /// Left and right.
    pub sides: [f32; 2],
    /// Mean of left times right.
    pub product: f32,
}

impl Powers {
    /// What can be said of them, peaks aside.
    pub fn levels(self) -> Levels {
        let (powers, product) = (self.sides.map(f64::from), f64::from(self.product));
        Levels { powers, product, ..Levels::default() }
    }

    /// Moves towards the means of a stretch, keeping a share of what was.
    pub fn approach(&mut self, sides: [f32; 2], product: f32, keep: f32) {
        let step = |was: f32, is: f32| is + keep * (was - is);
        self.sides = [step(self.sides[0], sides[0]), step(self.sides[1], sides[1])];
        self.product = step(self.product, product);
    }
}

impl Reading {
    /// Not a compare-and-swap loop: if the reader takes the peak in between, it sees it twice.
    fn raise(&self, peaks: [f32; 2]) {
        for (to, peak) in self.peaks.iter().zip(peaks) {
            if peak > to.load(Relaxed) {
                to.store(peak, Relaxed);
            }
        }
    }

    fn take(&self) -> [f32; 2] {
        self.peaks.each_ref().map(|p| p.swap(0.0, Relaxed))
    }

    fn set(&self, Powers { sides: [left, right], product }: Powers) {
        for (to, power) in self.powers.iter().zip([left, right, product]) {
            to.store(power, Relaxed);
        }
    }

    fn powers(&self) -> Powers {
        let [left, right, product] = self.powers.each_ref().map(|p| p.load(Relaxed));
        Powers { sides: [left, right], product }
    }
}

impl Meters {
    /// Reader: whether there are peaks to take that a meter would show.
    pub fn has_peaks(&self) -> bool {
        let is_seen = |peak: &AtomicF32| peak.load(Relaxed) > SEEN;
        self.stems.iter().chain([&self.mix]).any(|reading| reading.peaks.iter().any(is_seen))
    }

    /// Audio thread: raises a stem's peaks.
    pub fn raise_stem(&self, stem: usize, peaks: [f32; 2]) {
        self.stems[stem].raise(peaks);
    }

    /// Audio thread: raises the mix's peaks.
    pub fn raise_mix(&self, peaks: [f32; 2]) {
        self.mix.raise(peaks);
    }

    /// Audio thread: a stem's powers.
    pub fn set_stem_powers(&self, stem: usize, powers: Powers) {
        self.stems[stem].set(powers);
    }

    /// Audio thread: the mix's powers.
    pub fn set_mix_powers(&self, powers: Powers) {
        self.mix.set(powers);
    }

    /// Audio thread: a stem's K weighted mean square.
    pub fn set_weighted_power(&self, stem: usize, power: f32) {
        self.weighted[stem].store(power, Relaxed);
    }

    /// Audio thread: which inputs are connected in this block.
    pub fn set_connected(&self, connected: u32) {
        self.connected.store(connected, Relaxed);
    }

    /// Audio thread: which inputs have carried sound lately.
    pub fn set_sounding(&self, sounding: u32) {
        if self.heard.load(Relaxed) & sounding != sounding {
            self.heard.fetch_or(sounding, Relaxed);
        }
    }

    /// Audio thread: what of a strip sounds, with its layers on.
    pub fn set_sounding_strip(&self, stem: usize, strip: &StripSettings) {
        let values = [strip.fader_db, strip.pan, strip.width_percent];
        self.sounding[stem].iter().zip(values).for_each(|(to, value)| to.store(value, Relaxed));
        if self.aimed.load(Relaxed) >> stem & 1 == 0 {
            self.aimed.fetch_or(1 << stem, Relaxed);
        }
    }

    /// Fader in dB, pan and width in per cent of a stem as they sound, with scene and glide; `None` where nothing
    /// has sounded yet.
    pub fn sounding_strip(&self, stem: usize) -> Option<[f32; 3]> {
        let is_aimed = self.aimed.load(Relaxed) >> stem & 1 != 0;
        is_aimed.then(|| self.sounding[stem].each_ref().map(|value| value.load(Relaxed)))
    }

    /// Audio thread: how far the glide has come, and what `hold loudness` adds.
    pub fn set_glide(&self, progress: f64, hold_db: f64) {
        self.glide_left.store(1.0 - progress as f32, Relaxed);
        self.hold_db.store(hold_db as f32, Relaxed);
    }

    /// How far the glide between two scenes has come, 0 to 1; 1 where there is none.
    pub fn glide(&self) -> f32 {
        1.0 - self.glide_left.load(Relaxed)
    }

    /// What `hold loudness` adds to the mix, in dB.
    pub fn hold_db(&self) -> f32 {
        self.hold_db.load(Relaxed)
    }

    /// Audio thread: what the lead macro multiplies the leads by, and the rest; linear.
    pub fn set_lead(&self, gains: [f64; 2]) {
        for (to, gain) in self.lead_db.iter().zip(gains) {
            to.store(20.0 * gain.log10() as f32, Relaxed);
        }
    }

    /// What the lead macro does to the leads and to the rest, in dB.
    pub fn lead_db(&self) -> [f32; 2] {
        self.lead_db.each_ref().map(|db| db.load(Relaxed))
    }

    /// Reader: a stem's largest magnitudes (left, right) since this was last asked, linear.
    pub fn take_stem(&self, stem: usize) -> [f32; 2] {
        self.stems[stem].take()
    }

    /// Reader: the same of the mix.
    pub fn take_mix(&self) -> [f32; 2] {
        self.mix.take()
    }

    /// A stem's powers after its fader.
    pub fn stem_powers(&self, stem: usize) -> Powers {
        self.stems[stem].powers()
    }

    /// The mix's powers.
    pub fn mix_powers(&self) -> Powers {
        self.mix.powers()
    }

    /// A stem's momentary loudness before its fader, as a K weighted mean square of both sides together:
    /// [`crate::dsp::loudness::lufs`] makes LUFS of it.
    pub fn weighted_power(&self, stem: usize) -> f32 {
        self.weighted[stem].load(Relaxed)
    }

    /// The sound of the stem that somebody looks at.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Bit k: input k is connected.
    pub fn connected(&self) -> u32 {
        self.connected.load(Relaxed)
    }

    /// Bit k: input k has carried sound since [`Self::forget`].
    pub fn heard(&self) -> u32 {
        self.heard.load(Relaxed)
    }

    /// How loud the stems and the mix are, judged by whoever listens.
    pub fn loudness(&self) -> &Loudness {
        &self.loudness
    }

    /// The inputs as they come in, reported while someone watches.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// All stems, while somebody records them.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Starts anew, as after loading a state.
    pub fn forget(&self) {
        self.heard.store(0, Relaxed);
    }
}
