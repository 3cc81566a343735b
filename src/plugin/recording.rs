//! The audio thread's side of a recording: what the host plays, on its way to whoever studies it.

use super::transport::{TOLERANCE_S, Transport};
use crate::engine::{MixEngine, StemBlock, StemTap};
use crate::model::limits::STEMS;
use crate::sync::{Reel, Room, Tape};

/// Writes a host's blocks to the tape while somebody records and the host plays.
#[derive(Clone, Copy, Debug)]
pub struct Recorder {
    is_playing: bool,
    /// Where the host is, in seconds; `None` where it does not say.
    position_s: Option<f64>,
    /// Where it was to play on, in seconds, once it has been recorded.
    expected_s: Option<f64>,
}

impl Default for Recorder {
    /// For a host that says nothing, and so counts as playing.
    fn default() -> Self {
        Self { is_playing: true, position_s: None, expected_s: None }
    }
}

impl Recorder {
    /// A block of the host's begins.
    pub fn follow(&mut self, transport: &Transport) {
        let says_nothing = *transport == Transport::default();
        self.is_playing = transport.is_playing || says_nothing;
        self.position_s = transport.position_s;
    }

    /// Has the engine process a block, with its stems on the tape where that is wanted and this is the mix as somebody
    /// may hear it. The scene is that which sounds.
    pub fn process(
        &mut self,
        tape: &Tape,
        engine: &mut MixEngine,
        block: &mut StemBlock,
        is_mix: bool,
        sample_rate_hz: f64,
        scene: Option<usize>,
    ) {
        let frames = block.frames();
        let room = if is_mix && self.is_playing { self.room(tape, frames) } else { None };
        match room {
            None => engine.process(block),
            Some(room) => {
                let [left, right] = &block.main;
                let main = [&**left, &**right];
                let live = block.connected() & !block.silent;
                for (stem, sides) in std::iter::once(&main).chain(&block.aux).enumerate() {
                    let sides = if live >> stem & 1 != 0 { *sides } else { [&[][..]; 2] };
                    room.input(stem, frames, sides);
                }
                room.scene(frames, scene);
                engine.process_tapped(block, &mut Parts { room, at: [0; STEMS] });
                tape.commit(frames);
            }
        }
        if self.is_playing {
            self.position_s = self.position_s.map(|s| s + frames as f64 / sample_rate_hz);
        }
        if is_mix && self.is_playing && tape.reel() == Reel::Running {
            self.expected_s = self.position_s;
        }
    }

    fn room<'a>(&self, tape: &'a Tape, frames: usize) -> Option<Room<'a>> {
        match tape.reel() {
            Reel::Off | Reel::Ended => return None,
            Reel::Waiting => tape.run(self.position_s),
            Reel::Running => {
                if let (Some(position_s), Some(expected_s)) = (self.position_s, self.expected_s)
                    && (position_s - expected_s).abs() > TOLERANCE_S
                {
                    tape.stop(); // so that the song stays as it is
                    return None;
                }
            }
        }
        tape.room(frames)
    }
}

/// Writes the stems as they are in the mix.
struct Parts<'a> {
    room: Room<'a>,
    /// Frames of the block that are there of each stem.
    at: [usize; STEMS],
}

impl StemTap for Parts<'_> {
    const WANTED: bool = true;

    fn stem(&mut self, stem: usize, left: &[f32], right: &[f32]) {
        self.room.part(stem, self.at[stem], [left, right]);
        self.at[stem] += left.len();
    }
}
