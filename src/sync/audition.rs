//! A balance to be heard instead of the host's, for a comparison.

use super::Newest;
use crate::model::limits::ParamKey;
use crate::model::settings::MixSettings;

/// What somebody listens to instead of what the parameters say. Neither written to them nor saved nor rendered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Audition {
    /// The balance; the learned one's offsets stay the document's.
    pub settings: MixSettings,
    /// What brings it to the loudness of what it is compared with, in dB.
    pub gain_db: f32,
}

/// The wish on its way to the audio thread. Written by the editor alone, which takes it back when it closes.
#[derive(Debug, Default)]
pub struct AuditionWish(Newest<{ ParamKey::COUNT + 2 }>);

impl AuditionWish {
    /// Editor: wishes; `None` for what the parameters say.
    pub fn set(&self, wish: Option<&Audition>) {
        match wish {
            None => self.0.set([0.0]),
            Some(Audition { settings, gain_db }) => {
                self.0.set([1.0, *gain_db].into_iter().chain(ParamKey::all().map(|key| settings.get(key))));
            }
        }
    }

    /// Audio thread: the wish, if it is newer than revision `seen`. `keys` are [`ParamKey::all`].
    pub fn get(&self, seen: &mut u32, keys: &[ParamKey]) -> Option<Option<Audition>> {
        let [is_on, gain_db, values @ ..] = &self.0.get(seen)?;
        if *is_on == 0.0 {
            return Some(None);
        }
        let mut settings = MixSettings::default();
        keys.iter().zip(values).for_each(|(key, value)| settings.set(*key, *value));
        Some(Some(Audition { settings, gain_db: *gain_db }))
    }
}
