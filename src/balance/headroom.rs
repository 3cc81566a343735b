//! How high a mix will peak at other gains than it was heard at.

use super::song::Song;
use crate::dsp::units::gain_to_db;
use crate::model::limits::STEMS;
use crate::sync::PeakMoment;

/// True peak in dBTP that the mix will have at these gains (linear: of every stem from its trim to its level, and of
/// the output), from the highest that was heard. None where that cannot be said.
///
/// Peaks do not follow from loudness, so this is a prediction and no bound: the moment of the highest peak becomes
/// louder as its energy does, and at least as much as the song as a whole does, where it was learned.
pub fn predicted_true_peak_dbtp(
    heard: &PeakMoment,
    song: Option<&Song>,
    gains: &[f64; STEMS],
    output: f64,
) -> Option<f64> {
    let was = heard.gains.map(f64::from);
    let energy = |gains: &[f64; STEMS]| -> f64 {
        gains.iter().zip(heard.energies).map(|(gain, energy)| gain * gain * f64::from(energy)).sum()
    };
    let of_moment_db = 10.0 * (energy(gains) / energy(&was)).log10();
    let of_song_db = song.map(|song| song.loudness_lufs(gains) - song.loudness_lufs(&was));
    let changes_db = [Some(of_moment_db), of_song_db].into_iter().flatten().filter(|db| db.is_finite());
    let change_db = changes_db.reduce(f64::max)?;
    let output_db = gain_to_db(output / f64::from(heard.output));
    let dbtp = gain_to_db(f64::from(heard.true_peak)) + change_db + output_db;
    dbtp.is_finite().then_some(dbtp)
}
