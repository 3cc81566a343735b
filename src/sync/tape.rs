//! The sound of all stems on its way to whoever studies it.

use crate::model::limits::{SCENES, STEMS};
use atomic_float::{AtomicF32, AtomicF64};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering::*};

/// Inputs left and right, parts left and right, and the scene.
const CHANNELS: usize = 4 * STEMS + 1;
/// Frames on their way at most: a third of a second at 192 kHz.
const FRAMES: usize = 1 << 16;

/// How a recording stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reel {
    /// Nobody records.
    Off,
    /// It begins when the host plays.
    Waiting,
    /// It runs, or goes on where the host plays on from where it stopped.
    Running,
    /// It is over: somebody ended it, or the host went on elsewhere. What was written is still there.
    Ended,
}

impl Reel {
    const ALL: [Self; 4] = [Self::Off, Self::Waiting, Self::Running, Self::Ended];
}

/// Frames taken from a tape, side by side and equally many.
#[derive(Debug, Default)]
pub struct Stretch {
    /// Left and right of every input, as the host gives it.
    pub inputs: [[Vec<f32>; 2]; STEMS],
    /// Left and right of every stem as it is in the mix, after fader and output gain.
    pub parts: [[Vec<f32>; 2]; STEMS],
    /// The scene that sounds or is on its way: 0 for none, 1 to 8.
    pub scenes: Vec<u8>,
}

/// All stems, in a ring that exists from the first time somebody records. A full ring loses the newest frames.
///
/// | Field | Written by | When |
/// |---|---|---|
/// | `ring` | whoever records | made once, before `reel` leaves `Off` |
/// | its frames | audio thread | between `taken` and the ring's length after it |
/// | `reel` | whoever records; audio thread | it begins and ends; the host begins to play, or goes on elsewhere |
/// | `start_s` | audio thread; whoever records | before `reel` becomes `Running`; none as a recording begins |
/// | `head` | audio thread | before `has_begun`: what was written before it belongs to no recording |
/// | `has_begun` | audio thread; whoever records | the host plays, with release: who sees it sees `head`; off as a recording begins |
/// | `written` | audio thread | after the frames, with release: who sees the count sees them |
/// | `taken` | reader; whoever records | after it has read them, with release: they may be written again; as a recording begins |
/// | `lost` | audio thread; whoever records | frames found no room; set to 0 as a recording begins |
#[derive(Debug)]
pub struct Tape {
    ring: OnceLock<Box<[AtomicF32]>>,
    reel: AtomicU8,
    /// NaN where the host does not say.
    start_s: AtomicF64,
    head: AtomicUsize,
    has_begun: AtomicBool,
    written: AtomicUsize,
    taken: AtomicUsize,
    lost: AtomicU32,
}

impl Default for Tape {
    fn default() -> Self {
        Self {
            ring: OnceLock::new(),
            reel: AtomicU8::new(Reel::Off as u8),
            start_s: AtomicF64::new(f64::NAN),
            head: AtomicUsize::new(0),
            has_begun: AtomicBool::new(false),
            written: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            lost: AtomicU32::new(0),
        }
    }
}

impl Tape {
    /// Whoever records: begins anew. Nobody may be reading. Allocates the first time.
    pub fn begin(&self) {
        self.ring.get_or_init(|| (0..CHANNELS * FRAMES).map(|_| AtomicF32::new(0.0)).collect());
        self.has_begun.store(false, Relaxed);
        self.taken.store(self.written.load(Acquire), Release);
        self.lost.store(0, Relaxed);
        self.start_s.store(f64::NAN, Relaxed);
        self.reel.store(Reel::Waiting as u8, Release);
    }

    /// Whoever records: ends it, if it is not over.
    pub fn end(&self) {
        self.turn(Reel::Waiting, Reel::Ended);
        self.turn(Reel::Running, Reel::Ended);
    }

    /// Whoever records: nobody is interested any more.
    pub fn off(&self) {
        self.reel.store(Reel::Off as u8, Release);
    }

    /// How the recording stands.
    pub fn reel(&self) -> Reel {
        Reel::ALL[usize::from(self.reel.load(Acquire))]
    }

    /// Not where somebody else was faster.
    fn turn(&self, from: Reel, to: Reel) {
        let _ = self.reel.compare_exchange(from as u8, to as u8, AcqRel, Relaxed);
    }

    /// Audio thread, where the reel waits: the host plays from here, in seconds from its project's beginning.
    pub fn run(&self, start_s: Option<f64>) {
        self.start_s.store(start_s.unwrap_or(f64::NAN), Relaxed);
        // A block that was under way when the recording began may have been written since.
        self.head.store(self.written.load(Relaxed), Relaxed);
        self.has_begun.store(true, Release);
        self.turn(Reel::Waiting, Reel::Running);
    }

    /// Audio thread: the host goes on elsewhere. A recording that began meanwhile waits on.
    pub fn stop(&self) {
        self.turn(Reel::Running, Reel::Ended);
    }

    /// Where the host was when the recording began, in seconds; `None` where it does not say.
    pub fn start_s(&self) -> Option<f64> {
        Some(self.start_s.load(Relaxed)).filter(|s| !s.is_nan())
    }

    /// Audio thread: room for the next frames, none of which is there before [`Self::commit`]. `None` where there
    /// is none: they are lost, and counted.
    pub fn room(&self, frames: usize) -> Option<Room<'_>> {
        let written = self.written.load(Relaxed);
        let ring = self.ring.get()?;
        if written.wrapping_sub(self.taken.load(Acquire)) + frames > FRAMES {
            self.lost.fetch_add(u32::try_from(frames).unwrap_or(u32::MAX), Relaxed);
            return None;
        }
        Some(Room { ring, at: written })
    }

    /// Audio thread: so many frames of the room are there now.
    pub fn commit(&self, frames: usize) {
        self.written.store(self.written.load(Relaxed).wrapping_add(frames), Release);
    }

    /// Whether frames were lost on their way.
    pub fn has_gaps(&self) -> bool {
        self.lost.load(Relaxed) > 0
    }

    /// Reader: takes what is there, at most so many frames; how many they were.
    pub fn take(&self, most: usize, to: &mut Stretch) -> usize {
        if !self.has_begun.load(Acquire) {
            return 0;
        }
        let Some(ring) = self.ring.get() else { return 0 };
        let written = self.written.load(Acquire);
        // The head is ahead before the first frames are taken, and behind ever after.
        let [taken, head] = [&self.taken, &self.head].map(|at| at.load(Relaxed));
        let taken = if written.wrapping_sub(head) < written.wrapping_sub(taken) { head } else { taken };
        let frames = written.wrapping_sub(taken).min(most);
        let mut channels = ring.chunks_exact(FRAMES);
        let sides = to.inputs.as_flattened_mut().iter_mut().chain(to.parts.as_flattened_mut());
        for (side, channel) in sides.zip(&mut channels) {
            side.clear();
            side.extend((0..frames).map(|i| channel[(taken.wrapping_add(i)) % FRAMES].load(Relaxed)));
        }
        to.scenes.clear();
        if let Some(channel) = channels.next() {
            let scene = |i: usize| channel[(taken.wrapping_add(i)) % FRAMES].load(Relaxed);
            to.scenes.extend((0..frames).map(|i| scene(i).clamp(0.0, SCENES as f32) as u8));
        }
        self.taken.store(taken.wrapping_add(frames), Release);
        frames
    }
}

/// Where the audio thread writes its next frames.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    ring: &'a [AtomicF32],
    at: usize,
}

impl Room<'_> {
    /// So many frames of a stem's input from the room's beginning; silence where a side is missing.
    pub fn input(&self, stem: usize, frames: usize, sides: [&[f32]; 2]) {
        for (side, sound) in sides.into_iter().enumerate() {
            let sample = |i: usize| sound.get(i).copied().unwrap_or(0.0);
            self.write(2 * stem + side, 0, frames, sample);
        }
    }

    /// A stem as it is in the mix, from a place in the room on.
    pub fn part(&self, stem: usize, from: usize, sides: [&[f32]; 2]) {
        for (side, sound) in sides.into_iter().enumerate() {
            self.write(2 * (STEMS + stem) + side, from, sound.len(), |i| sound[i]);
        }
    }

    /// The scene (0 to 7) of so many frames from the room's beginning.
    pub fn scene(&self, frames: usize, scene: Option<usize>) {
        let number = scene.map_or(0.0, |scene| scene as f32 + 1.0);
        self.write(CHANNELS - 1, 0, frames, |_| number);
    }

    fn write(&self, channel: usize, from: usize, frames: usize, sample: impl Fn(usize) -> f32) {
        let channel = &self.ring[channel * FRAMES..][..FRAMES];
        for i in 0..frames {
            channel[self.at.wrapping_add(from + i) % FRAMES].store(sample(i), Relaxed);
        }
    }
}
