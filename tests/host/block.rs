//! A block of audio as a host lays it out, well or badly. Every channel is an allocation of its own, so
//! that an overrun does not stay unnoticed.

use std::ptr::null_mut;

/// What a host has at one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bus {
    Stereo,
    /// One channel.
    Mono,
    /// A bus without a channel array.
    NoArray,
    /// Two channels, both null.
    NullChannels,
    /// Two channels, the right one null.
    NullRight,
    /// A bus of no channels.
    NoChannels,
}

impl Bus {
    /// Channels that the bus says it has.
    pub fn channels(self) -> u32 {
        match self {
            Self::Mono => 1,
            Self::NoChannels => 0,
            _ => 2,
        }
    }
}

/// Where the host wants the output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Out {
    /// In memory of its own.
    Separate,
    /// Over the input with this index, side by side.
    Over(usize),
    /// Over the main input, left and right exchanged.
    Crossed,
}

/// What was left in the output before the plugin wrote to it.
pub const GARBAGE: f32 = 777.0;

/// The memory and the pointers into it.
pub struct HostBlock {
    pub frames: usize,
    pub buses: Vec<Bus>,
    memory: Vec<[Vec<f32>; 2]>,
    separate: [Vec<f32>; 2],
    out: Out,
    /// Channel pointers of the inputs, null where the bus says so.
    pub inputs: Vec<[*mut f32; 2]>,
    /// Channel pointers of the output.
    pub output: [*mut f32; 2],
}

impl HostBlock {
    /// Fills input k's sides with `fill(k, side, frame)`.
    pub fn new(
        frames: usize,
        buses: &[Bus],
        out: Out,
        fill: impl Fn(usize, usize, usize) -> f32,
    ) -> Box<Self> {
        let memory: Vec<[Vec<f32>; 2]> = (0..buses.len())
            .map(|k| std::array::from_fn(|side| (0..frames).map(|i| fill(k, side, i)).collect()))
            .collect();
        let mut block = Box::new(Self {
            frames,
            buses: buses.to_vec(),
            memory,
            separate: [vec![GARBAGE; frames], vec![GARBAGE; frames]],
            out,
            inputs: Vec::new(),
            output: [null_mut(); 2],
        });
        let pairs: Vec<[*mut f32; 2]> =
            block.memory.iter_mut().map(|pair| pair.each_mut().map(|side| side.as_mut_ptr())).collect();
        block.output = match out {
            Out::Separate => block.separate.each_mut().map(|side| side.as_mut_ptr()),
            Out::Over(k) => pairs[k],
            Out::Crossed => [pairs[0][1], pairs[0][0]],
        };
        block.inputs = pairs
            .into_iter()
            .zip(buses)
            .map(|([left, right], bus)| match bus {
                Bus::NullChannels => [null_mut(); 2],
                Bus::NullRight => [left, null_mut()],
                _ => [left, right],
            })
            .collect();
        block
    }

    /// What the plugin wrote.
    pub fn heard(&self) -> [Vec<f32>; 2] {
        match self.out {
            Out::Separate => self.separate.clone(),
            Out::Over(k) => self.memory[k].clone(),
            Out::Crossed => [self.memory[0][1].clone(), self.memory[0][0].clone()],
        }
    }
}
