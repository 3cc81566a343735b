//! How high a mix will peak in another balance than it was heard in.

use super::song::Song;
use crate::dsp::units::{db_to_gain, fader_gain, gain_to_db};
use crate::model::limits::STEMS;
use crate::model::settings::MixSettings;
use crate::sync::PeakMoment;

/// True peak in dBTP that the mix will have in a balance, from the highest that was heard in another. None where
/// that cannot be said.
///
/// Peaks do not follow from loudness, so this is a prediction and no bound: the moment of the highest peak becomes
/// louder as its energy does, and at least as much as the song as a whole does, where it was learned.
pub fn predicted_true_peak_dbtp(heard: &PeakMoment, song: Option<&Song>, mix: &MixSettings) -> Option<f64> {
    let was = heard.gains.map(f64::from);
    let gains: [f64; STEMS] = std::array::from_fn(|stem| gain(mix, stem));
    let energy = |gains: &[f64; STEMS]| -> f64 {
        gains.iter().zip(heard.energies).map(|(gain, energy)| gain * gain * f64::from(energy)).sum()
    };
    let of_moment_db = 10.0 * (energy(&gains) / energy(&was)).log10();
    let of_song_db = song.map(|song| song.loudness_lufs(&gains) - song.loudness_lufs(&was));
    let changes_db = [Some(of_moment_db), of_song_db].into_iter().flatten().filter(|db| db.is_finite());
    let change_db = changes_db.reduce(f64::max)?;
    let output_db = gain_to_db(fader_gain(f64::from(mix.output_db)) / f64::from(heard.output));
    let dbtp = gain_to_db(f64::from(heard.true_peak)) + change_db + output_db;
    dbtp.is_finite().then_some(dbtp)
}

/// What a stem is multiplied by from its trim to its solo, linear, as the engine does.
fn gain(mix: &MixSettings, stem: usize) -> f64 {
    let strip = &mix.stems[stem];
    let is_soloed_out = mix.any_solo() && !strip.solo && !strip.solo_safe;
    if strip.mute || is_soloed_out || stem == 0 && mix.ignore_main_input {
        return 0.0;
    }
    let learned_db = f64::from(mix.learned_db[stem]) * f64::from(mix.balance_percent) / 100.0;
    fader_gain(f64::from(strip.fader_db)) * db_to_gain(f64::from(strip.trim_db) + learned_db)
}
