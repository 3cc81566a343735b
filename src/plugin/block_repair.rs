//! Host block repair: turns whatever a host passes for one block into exactly sixteen stereo inputs
//! and one stereo output that are valid memory of the block's full length.
//!
//! It moves pointers about and follows none of them: the export files, which read the host's structs
//! and call the framework, do that. After [`BlockRepair::prepare`]:
//!
//! - every input has two pointers to `frames` readable floats. A missing, null, inactive or empty bus
//!   points at zeros; a one-channel bus feeds both sides; channels past the second are dropped.
//! - the output has two pointers to `frames` writable floats that overlap no input, except that a side
//!   of the main input may *be* that side of the output. The framework copies main input to output
//!   before it reads the auxiliaries, and copies nothing where the two are the same memory. Any other
//!   overlap is moved to scratch: the export carries out [`BlockRepair::copies`] first.

use crate::model::limits::STEMS;
use std::ptr::null_mut;

/// A stereo pair of channel pointers.
pub type Pair = [*mut f32; 2];

/// One bus as the host described it.
#[derive(Clone, Copy)]
pub struct HostBus {
    /// Null where there is no channel.
    pub channels: Pair,
    /// There is only a left channel, and it is meant for both sides.
    pub mono: bool,
    /// The host says that the bus is silent throughout the block.
    pub silent: bool,
}

impl HostBus {
    /// No bus.
    pub const MISSING: Self = Self { channels: [null_mut(); 2], mono: false, silent: true };
}

/// The repaired block and the memory behind it.
pub struct BlockRepair {
    /// The inputs, main first.
    pub inputs: [Pair; STEMS],
    /// The output.
    pub output: Pair,
    /// Bit k: input k had memory of the host's.
    pub connected: u32,
    /// Bit k: input k is silent, by the host's word or because it is not there.
    pub silent: u32,
    /// Read by the framework, written by nobody.
    zeros: Vec<f32>,
    /// Written where the host gave no output channel, read by nobody.
    sink: Vec<f32>,
    scratch: Vec<f32>,
    copies: Vec<(*const f32, *mut f32)>,
}

impl Default for BlockRepair {
    fn default() -> Self {
        Self {
            inputs: [[null_mut(); 2]; STEMS],
            output: [null_mut(); 2],
            connected: 0,
            silent: 0,
            zeros: Vec::new(),
            sink: Vec::new(),
            scratch: Vec::new(),
            copies: Vec::with_capacity(2 * STEMS),
        }
    }
}

impl BlockRepair {
    /// Makes room for blocks up to `max_frames`. Not for the audio thread.
    pub fn resize(&mut self, max_frames: usize) {
        self.zeros = vec![0.0; max_frames];
        self.sink = vec![0.0; max_frames];
        self.scratch = vec![0.0; 2 * STEMS * max_frames];
    }

    /// Repairs a block; false where there is no output to write to: then parameters may be taken over,
    /// but nothing can sound.
    pub fn prepare(&mut self, frames: usize, inputs: &[HostBus; STEMS], output: &HostBus) -> bool {
        if output.channels.iter().all(|c| c.is_null()) {
            return false;
        }
        if frames > self.zeros.len() {
            // The host breaks its own promise; the framework, too, can only allocate here.
            self.resize(frames);
        }
        let (zeros, sink) = (self.zeros.as_mut_ptr(), self.sink.as_mut_ptr());
        self.output = output.channels.map(|c| if c.is_null() { sink } else { c });
        if overlap(self.output[0], self.output[1], frames) {
            self.output[1] = sink; // two sides in the same memory: the left one is heard
        }
        self.connected = 0;
        self.silent = 0;
        self.copies.clear();
        let mut scratch = self.scratch.chunks_exact_mut(frames.max(1));
        for (k, bus) in inputs.iter().enumerate() {
            let there = bus.channels.iter().any(|c| !c.is_null());
            self.connected |= u32::from(there) << k;
            self.silent |= u32::from(!there || bus.silent) << k;
            let [left, right] = bus.channels;
            let pair = if bus.mono { [left, left] } else { [left, right] };
            for (side, channel) in pair.into_iter().enumerate() {
                let mut from = if channel.is_null() { zeros } else { channel };
                let in_place = k == 0 && from == self.output[side];
                if !in_place && self.output.iter().any(|to| overlap(from, *to, frames)) {
                    let to = scratch.next().map_or(zeros, <[f32]>::as_mut_ptr);
                    self.copies.push((from, to));
                    from = to;
                }
                self.inputs[k][side] = from;
            }
        }
        true
    }

    /// Source and destination of every channel that must be copied, the whole block, beforehand.
    pub fn copies(&self) -> &[(*const f32, *mut f32)] {
        &self.copies
    }

    /// Moves every pointer on by `frames`, for the next part of the same block.
    pub fn advance(&mut self, frames: usize) {
        for channel in self.inputs.iter_mut().chain([&mut self.output]).flatten() {
            *channel = channel.wrapping_add(frames);
        }
    }
}

fn overlap(a: *const f32, b: *const f32, frames: usize) -> bool {
    a.addr().abs_diff(b.addr()) < frames * size_of::<f32>()
}
