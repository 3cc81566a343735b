//! The engine at the hands of a host that obeys: stems and timed events in, the mix out.

use super::no_alloc::no_alloc;
use super::signals::Stereo;
use std::sync::Arc;
use stemwright::engine::{Backend, MixEngine, StemBlock, StemTap};
use stemwright::model::limits::{ParamKey, STEMS};
use stemwright::model::settings::MixSettings;
use stemwright::sync::Meters;

/// At this frame, this parameter takes this value.
pub type Event = (usize, ParamKey, f32);

/// Everything in one block.
pub const WHOLE: &[usize] = &[usize::MAX];

/// An engine and what it is told besides sound.
pub struct Rig {
    /// The engine.
    pub engine: MixEngine,
    /// What it has measured.
    pub meters: Arc<Meters>,
    /// See [`StemBlock::connected`].
    pub connected: u32,
    /// Whether the silent flag is raised for every stem whose block is all zeros.
    pub flags_silence: bool,
}

impl Rig {
    /// At rest on the default balance.
    pub fn new(sample_rate_hz: f64) -> Self {
        Self::with(sample_rate_hz, &MixSettings::default())
    }

    /// At rest on a balance.
    pub fn with(sample_rate_hz: f64, settings: &MixSettings) -> Self {
        Self::with_backend(sample_rate_hz, settings, Backend::fastest())
    }

    /// The same with given instructions.
    pub fn with_backend(sample_rate_hz: f64, settings: &MixSettings, backend: Backend) -> Self {
        let meters = Arc::new(Meters::default());
        let mut engine = MixEngine::with_backend(meters.clone(), backend);
        engine.prepare(sample_rate_hz);
        engine.set(settings);
        engine.reset();
        Self { engine, meters, connected: StemBlock::ALL, flags_silence: false }
    }

    /// Mixes all 16 stems, in blocks of the sizes given (over and over), cut at every event as a host
    /// adapter does. A stem with fewer frames than the first hands in short buffers where it ends.
    /// Nothing may be allocated or freed meanwhile.
    pub fn render(&mut self, stems: &[Stereo], events: &[Event], blocks: &[usize]) -> Stereo {
        self.render_tapped(stems, events, blocks, &mut ())
    }

    /// As [`Self::render`], with every stem's part of the mix.
    pub fn render_stems(
        &mut self,
        stems: &[Stereo],
        events: &[Event],
        blocks: &[usize],
    ) -> (Stereo, Vec<Stereo>) {
        let frames = stems[0][0].len();
        let mut tapped =
            Tapped { stems: vec![[vec![0.0; frames], vec![0.0; frames]]; STEMS], written: [0; STEMS] };
        let mix = self.render_tapped(stems, events, blocks, &mut tapped);
        assert_eq!(tapped.written, [frames; STEMS], "every stem is shown every frame once");
        (mix, tapped.stems)
    }

    fn render_tapped<T: StemTap>(
        &mut self,
        stems: &[Stereo],
        events: &[Event],
        blocks: &[usize],
        tap: &mut T,
    ) -> Stereo {
        assert_eq!(stems.len(), STEMS);
        let mut events = events.to_vec();
        events.sort_by_key(|(frame, ..)| *frame);
        let mut settings = *self.engine.settings();
        let mut mix = stems[0].clone();
        let frames = mix[0].len();
        no_alloc(|| {
            let mut sizes = blocks.iter().copied().cycle();
            let mut events = events.iter().peekable();
            let (mut start, mut block_end) = (0, 0);
            while start < frames {
                while let Some((_, key, value)) = events.next_if(|(frame, ..)| *frame <= start) {
                    settings.set(*key, *value);
                }
                self.engine.set(&settings);
                if block_end == start {
                    block_end = frames.min(start.saturating_add(sizes.next().unwrap_or(frames)));
                }
                let end = events.peek().map_or(block_end, |(frame, ..)| block_end.min(*frame));
                self.process(stems, &mut mix, start, end, tap);
                start = end;
            }
        });
        mix
    }

    fn process<T: StemTap>(
        &mut self,
        stems: &[Stereo],
        mix: &mut Stereo,
        start: usize,
        end: usize,
        tap: &mut T,
    ) {
        let part = |side: &'_ [f32]| start.min(side.len())..end.min(side.len());
        let is_silent = |stem: &Stereo| stem.iter().all(|s| s[part(s)].iter().all(|x| *x == 0.0));
        let silent = (0..STEMS).filter(|k| self.flags_silence && is_silent(&stems[*k]));
        let silent = silent.fold(0, |mask, stem| mask | 1 << stem);
        self.engine.process_tapped(
            &mut StemBlock {
                main: mix.each_mut().map(|side| &mut side[start..end]),
                aux: std::array::from_fn(|k| stems[k + 1].each_ref().map(|side| &side[part(side)])),
                connected: self.connected,
                silent,
            },
            tap,
        );
    }
}

/// Keeps what a tap is shown.
struct Tapped {
    stems: Vec<Stereo>,
    written: [usize; STEMS],
}

impl StemTap for Tapped {
    const WANTED: bool = true;

    fn stem(&mut self, stem: usize, left: &[f32], right: &[f32]) {
        let start = self.written[stem];
        self.written[stem] += left.len();
        for (to, from) in self.stems[stem].iter_mut().zip([left, right]) {
            to[start..start + from.len()].copy_from_slice(from);
        }
    }
}
