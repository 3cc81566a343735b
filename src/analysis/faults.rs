//! What counts as a fault in a stem's sound: the same for files and for a host's inputs.

/// Sound with a peak below this (-80 dBFS) is silence: noise and dither lie there, music does not.
pub const AUDIBLE: f32 = 1e-4;
/// Left and right that differ by less than this (-100 dB) of the peak are mono. Not zero: pan laws round.
pub const MONO_DIFFERENCE: f32 = 1e-5;
/// Stems are alike whose correlation is at least this: what differs is 27 dB below them. Two microphones on
/// one source stay below, a copy through another fader or at 16 bits does not.
pub const ALIKE: f64 = 0.999;
/// Only stems above this power (-60 dBFS) are compared: two that are nearly silent may share a hum.
pub const COMPARED_POWER: f64 = 1e-6;
/// A mean above this (-40 dBFS) is a fault: it takes a hundredth of the headroom, and cuts click.
pub const DC: f64 = 0.01;
/// The mean must also be above this share of the RMS around it. Over three seconds a tone of 20 Hz can leave
/// 1 / (60 pi) of its peak, 0.0075 of its RMS: a loud bass must not pass for a constant.
pub const DC_SHARE: f64 = 0.02;
/// From the largest sample of 16 bits on, a file's sample is at full scale.
pub const FULL_SCALE: f32 = 32_767.0 / 32_768.0;
/// This many samples in a row at full scale count as clipped: a peak that just touches it has one or two.
pub const CLIP_RUN: u32 = 3;

/// Whether a side's mean is a constant offset, by the power around it.
pub fn is_dc(mean: f64, power: f64) -> bool {
    mean.abs() >= DC && mean.abs() >= DC_SHARE * power.max(0.0).sqrt()
}

/// Left or right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
}

/// What is said of a stem that has a fault; its name comes before.
pub mod words {
    use super::Side;

    /// It sounds on one side alone.
    pub fn one_sided(side: Side) -> &'static str {
        match side {
            Side::Left => "sounds on the left only",
            Side::Right => "sounds on the right only",
        }
    }

    /// A constant offset of a level in dBFS.
    pub fn dc(level_db: f64) -> String {
        format!("carries a constant offset (DC) of {level_db:.0} dBFS")
    }

    /// Full scale so many times.
    pub fn clipped(times: u32) -> String {
        let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
        format!("is clipped: {times} it stayed at full scale or above for three samples or more")
    }
}
