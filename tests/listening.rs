//! Who listens to the engine: loudness of the stems and the mix, and what is learned of them.

mod support;

use stemwright::balance::{Listener, Song, predicted_true_peak_dbtp};
use stemwright::dsp::loudness::{KWeighting, LoudnessMeter, slot_frames};
use stemwright::dsp::true_peak::TruePeak;
use stemwright::dsp::units::gain_to_db;
use stemwright::engine::Backend;
use stemwright::model::limits::{MixParam, ParamKey, STEMS, StripParam};
use stemwright::model::settings::MixSettings;
use support::no_alloc::no_alloc;
use support::rig::Rig;
use support::signals::{Stereo, impulse, noise, noisy_stems, only, sine};

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;

const RATE_HZ: f64 = 48_000.0;

/// How loud a recording is: momentary, short-term and integrated, in LUFS.
fn loudness_of([left, right]: &Stereo) -> [f64; 3] {
    let (mut weighting, mut meter) = (KWeighting::new(RATE_HZ), LoudnessMeter::new());
    weighting.process(left, right, |power| meter.push(power));
    [meter.momentary_lufs(), meter.short_term_lufs(), meter.integrated_lufs()]
}

/// A balance with a level, a trim, a pan and a tone for every stem.
fn busy() -> MixSettings {
    let mut settings = MixSettings::default();
    for stem in 0..STEMS {
        let mut set = |param, value| settings.set(ParamKey::Stem(stem, param), value);
        set(StripParam::Fader, -2.0 - stem as f32);
        set(StripParam::Trim, stem as f32 - 6.0);
        set(StripParam::Pan, stem as f32 / 8.0 - 0.9);
        set(StripParam::BellGain, 6.0 - stem as f32);
    }
    settings.set(ParamKey::Stem(3, StripParam::Mute), 1.0);
    settings.set(ParamKey::Mix(MixParam::Output), -4.0);
    settings
}

/// Stems that share some of their sound, so that their energies do not simply add up.
fn related_stems(frames: usize) -> Vec<Stereo> {
    let own = noisy_stems(7, frames);
    let shared = &noisy_stems(8, frames)[0].clone();
    let mix = |stem: &Stereo| -> Stereo {
        [0, 1].map(|side| stem[side].iter().zip(&shared[side]).map(|(a, b)| 0.05 * a + 0.04 * b).collect())
    };
    own.iter().map(mix).collect()
}

/// Plays in blocks, with a listener that looks after every second.
fn listen(rig: &mut Rig, stems: &[Stereo], blocks: &[usize]) -> Box<Listener> {
    let mut listener = Box::new(Listener::default());
    rig.meters.loudness().listen(true);
    let frames = stems[0][0].len();
    let second = RATE_HZ as usize;
    for start in (0..frames).step_by(second) {
        let part: Vec<Stereo> = stems
            .iter()
            .map(|stem| stem.each_ref().map(|side| side[start..(start + second).min(frames)].to_vec()))
            .collect();
        rig.render(&part, &[], blocks);
        let loudness = rig.meters.loudness();
        if loudness.is_learning() {
            listener.go(loudness);
        } else {
            no_alloc(|| listener.go(loudness));
        }
    }
    listener
}

#[test]
fn the_mix_and_every_stem_read_what_a_meter_on_the_recording_reads() {
    let stems = related_stems(5 * RATE_HZ as usize);
    let settings = busy();
    for backend in Backend::available() {
        let mut rig = Rig::with_backend(RATE_HZ, &settings, backend);
        listen(&mut rig, &stems, &[441]);
        let (mix, parts) = Rig::with_backend(RATE_HZ, &settings, backend).render_stems(&stems, &[], &[512]);
        let output_db = -4.0;
        let reading = rig.meters.loudness().mix();
        let read = [reading.momentary_lufs, reading.short_term_lufs, reading.integrated_lufs];
        for (read, want) in read.into_iter().zip(loudness_of(&mix)) {
            assert!((f64::from(read) - want).abs() < 0.02, "the mix: {read} LUFS, not {want}");
        }
        for (stem, part) in parts.iter().enumerate() {
            let reading = rig.meters.loudness().stem(stem);
            let [_, want, integrated] = loudness_of(part).map(|lufs| lufs - output_db);
            if stem == 3 {
                assert_eq!(reading.short_term_lufs, f32::NEG_INFINITY, "a muted stem is not in the mix");
                assert_eq!(rig.meters.loudness().rest_lu(stem), None);
                continue;
            }
            let short_term = f64::from(reading.short_term_lufs);
            assert!((short_term - want).abs() < 0.02, "stem {stem}: {short_term} LUFS, not {want}");
            assert!((f64::from(reading.integrated_lufs) - integrated).abs() < 0.02, "stem {stem}");
        }
        assert!(!rig.meters.loudness().is_incomplete());
    }
}

/// Noise over a low tone, a click, and nothing after.
fn programme(rate_hz: f64, frames: usize) -> Stereo {
    let end = frames / 2;
    let tone = sine(30.0, 0.0, rate_hz, end);
    [1, 2].map(|seed| {
        let mut side: Vec<f32> = noise(seed, end).iter().zip(&tone).map(|(n, t)| 0.1 * n + 0.4 * t).collect();
        side[end / 2..].iter_mut().for_each(|x| *x *= 1e-3);
        side.resize(frames, 0.0);
        side[3 * end / 2] = 0.9;
        side
    })
}

#[test]
fn every_slot_of_the_mix_is_what_the_meters_make_of_the_recording() {
    let mut settings = MixSettings::default();
    settings.set(ParamKey::Mix(MixParam::Output), -3.0);
    for rate_hz in [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0] {
        let slot = slot_frames(rate_hz);
        let stems = only(6, programme(rate_hz, 240 * slot));
        for (backend, blocks) in Backend::available().flat_map(|b| [(b, &[512][..]), (b, &[1, 33, 700, 5])]) {
            let mut rig = Rig::with_backend(rate_hz, &settings, backend);
            rig.meters.loudness().listen(true);
            let mix = rig.render(&stems, &[], blocks);
            let (mut weighting, mut true_peak) = (KWeighting::new(rate_hz), TruePeak::new(rate_hz));
            // Who begins to listen hears from the next slot on.
            for at in (slot..mix[0].len()).step_by(slot) {
                let [left, right] = mix.each_ref().map(|side| &side[at..at + slot]);
                let mut want = 0.0;
                weighting.process(left, right, |power| want = power);
                true_peak.process(left, right);
                let got = rig.meters.loudness().take().expect("a slot");
                let what = format!("frame {at} at {rate_hz} Hz, {backend:?}, {blocks:?}");
                let off_db = 10.0 * (f64::from(got.mix) / want).log10();
                assert!(off_db.abs() < 0.001 || want < 1e-20, "{what}: {} for {want}", got.mix);
                for (got, want) in got.true_peaks.into_iter().zip(true_peak.take()) {
                    let off_db = gain_to_db(f64::from(got)) - gain_to_db(f64::from(want));
                    assert!(got == want || off_db.abs() < 1e-4, "{what}: true peak {got}, not {want}");
                }
            }
            assert_eq!(rig.meters.loudness().take(), None);
        }
    }
}

#[test]
fn a_mix_that_has_ended_comes_to_nothing() {
    let mut click = impulse(1.0, 30_000, 96_000);
    // The smallest numbers there are follow.
    click[0][30_001..60_000].fill(1e-42);
    for backend in Backend::available() {
        let mut rig = Rig::with_backend(RATE_HZ, &MixSettings::default(), backend);
        rig.meters.loudness().listen(true);
        rig.render(&only(0, click.clone()), &[], &[256]);
        let slots: Vec<_> = std::iter::from_fn(|| rig.meters.loudness().take()).collect();
        assert!(slots.iter().any(|slot| slot.mix > 1e-4));
        let last = slots.last().expect("slots");
        assert_eq!((last.mix, last.true_peaks), (0.0, [0.0; 2]), "{backend:?}");
    }
}

#[test]
fn a_stem_stands_against_the_others_by_their_energies() {
    let stems = noisy_stems(9, 4 * RATE_HZ as usize);
    let mut rig = Rig::new(RATE_HZ);
    listen(&mut rig, &stems, &[512]);
    for stem in 0..STEMS {
        let rest_lu = rig.meters.loudness().rest_lu(stem).expect("all sound");
        assert!((rest_lu + 10.0 * 15f32.log10()).abs() < 0.1, "one of sixteen alike: {rest_lu} LU");
    }
}

#[test]
fn what_is_learned_predicts_the_mix_for_any_faders_however_stems_are_related() {
    let stems = related_stems(8 * RATE_HZ as usize);
    for backend in Backend::available() {
        let mut rig = Rig::with_backend(RATE_HZ, &busy(), backend);
        rig.meters.loudness().learn(true);
        let learned = listen(&mut rig, &stems, &[256]).take_learned().expect("something was learned");
        let song = learned.song();
        for round in 0..4 {
            let mut settings = busy();
            settings.set(ParamKey::Mix(MixParam::Output), 0.0);
            for stem in 0..STEMS {
                let db = ((stem * 7 + round * 5) % 19) as f32 - 12.0;
                settings.set(ParamKey::Stem(stem, StripParam::Fader), db);
            }
            let strips = settings.stems;
            let gains = strips.map(|strip| {
                let gain_db = f64::from(strip.fader_db + strip.trim_db);
                if strip.mute { 0.0 } else { 10f64.powf(gain_db / 20.0) }
            });
            let mix = Rig::with_backend(RATE_HZ, &settings, backend).render(&stems, &[], &[512]);
            let [.., heard] = loudness_of(&mix);
            let predicted = song.loudness_lufs(&gains);
            assert!((predicted - heard).abs() < 0.05, "round {round}: {predicted} LUFS, heard {heard}");
        }
    }
}

#[test]
fn what_is_learned_does_not_depend_on_blocks_or_instructions() {
    let stems = related_stems(4 * RATE_HZ as usize);
    let learn = |blocks: &[usize], backend| {
        let mut rig = Rig::with_backend(RATE_HZ, &busy(), backend);
        rig.meters.loudness().learn(true);
        let learned = listen(&mut rig, &stems, blocks).take_learned().expect("something");
        learned.stems().map(|stem| f64::from(stem.lufs))
    };
    let reference = learn(&[512], Backend::fastest());
    for backend in Backend::available() {
        for blocks in [&[1024][..], &[1, 31, 33, 480, 7]] {
            for (got, want) in learn(blocks, backend).into_iter().zip(reference) {
                assert!((got - want).abs() < 0.01, "{backend:?} {blocks:?}: {got} LUFS, not {want}");
            }
        }
    }
}

#[test]
fn a_listener_that_sleeps_too_long_says_that_something_is_missing_and_a_reset_clears_it() {
    let stems = noisy_stems(3, 4 * RATE_HZ as usize);
    let mut rig = Rig::new(RATE_HZ);
    let mut listener = Box::new(Listener::default());
    let loudness = rig.meters.clone();
    let loudness = loudness.loudness();
    loudness.listen(true);
    rig.render(&stems, &[], &[512]);
    listener.go(loudness);
    rig.render(&stems, &[], &[512]);
    listener.go(loudness);
    assert!(loudness.is_incomplete());
    loudness.reset();
    listener.go(loudness);
    assert!(!loudness.is_incomplete());
    assert_eq!(loudness.mix().integrated_lufs, f32::NEG_INFINITY);
}

/// True peak of a recording in dBTP.
fn true_peak_of([left, right]: &Stereo) -> f64 {
    let mut true_peak = TruePeak::new(RATE_HZ);
    true_peak.process(left, right);
    let [left, right] = true_peak.peaks();
    20.0 * f64::from(left.max(right)).log10()
}

#[test]
fn the_true_peak_of_another_balance_is_foretold_from_the_highest_that_was_heard() {
    let stems = related_stems(4 * RATE_HZ as usize);
    let mut settings = busy();
    settings.learned_db[2] = 3.0;
    settings.set(ParamKey::Stem(5, StripParam::SoloSafe), 1.0);
    let mut rig = Rig::with(RATE_HZ, &settings);
    listen(&mut rig, &stems, &[512]);
    let heard = rig.meters.loudness().peak_moment().expect("a peak");
    let measured = f64::from(rig.meters.loudness().true_peak_dbtp());
    let foretell = |rig: &Rig| {
        let gains = rig.meters.loudness().gains().map(f64::from);
        let output = 10f64.powf(f64::from(rig.engine.settings().output_db) / 20.0);
        predicted_true_peak_dbtp(&heard, None, &gains, output).expect("a peak")
    };
    assert!((foretell(&rig) - measured).abs() < 0.001, "the same balance: {} dBTP", foretell(&rig));

    type Change = fn(&mut MixSettings);
    let changes: [(&str, Change, f64); 4] = [
        ("the output", |mix| mix.set(ParamKey::Mix(MixParam::Output), 2.0), 0.01),
        ("all trims", |mix| mix.stems.iter_mut().for_each(|strip| strip.trim_db -= 3.0), 0.01),
        // What is left is one stem of its own shape.
        ("a stem alone", |mix| mix.set(ParamKey::Stem(0, StripParam::Solo), 1.0), 6.0),
        ("some faders", |mix| (0..8).for_each(|stem| mix.stems[stem].fader_db += 6.0), 1.5),
    ];
    for (what, change, within_db) in changes {
        let mut mix = settings;
        change(&mut mix);
        let mut rig = Rig::with(RATE_HZ, &mix);
        listen(&mut rig, &stems, &[512]);
        let (is, foretold) = (f64::from(rig.meters.loudness().true_peak_dbtp()), foretell(&rig));
        assert!((foretold - is).abs() < within_db, "{what}: {foretold} dBTP was foretold, and it is {is}");
    }

    settings.set(ParamKey::Mix(MixParam::Bypass), 1.0);
    let mut rig = Rig::with(RATE_HZ, &settings);
    listen(&mut rig, &stems, &[512]);
    assert_eq!(rig.meters.loudness().peak_moment(), None, "the plain sum is no balance");
    assert!(rig.meters.loudness().true_peak_dbtp().is_finite());
}

#[test]
fn one_stem_s_true_peak_is_measured_after_its_fader_while_somebody_asks() {
    let stems = related_stems(RATE_HZ as usize);
    let settings = busy();
    for backend in Backend::available() {
        let (mix, parts) = Rig::with_backend(RATE_HZ, &settings, backend).render_stems(&stems, &[], &[512]);
        let mut rig = Rig::with_backend(RATE_HZ, &settings, backend);
        let meters = rig.meters.clone();
        let stem_peak = meters.loudness().stem_peak();
        assert_eq!(stem_peak.dbtp(2), None, "nobody asks");
        for stem in [2, 9] {
            stem_peak.ask(Some(stem));
            assert_eq!(stem_peak.dbtp(stem), None, "not yet");
            rig.engine.reset();
            assert!(rig.render(&stems, &[], &[441]) == mix, "to ask changes nothing in the mix");
            let output_db = -4.0;
            let want = true_peak_of(&parts[stem]) - output_db;
            let found = f64::from(stem_peak.dbtp(stem).expect("an answer"));
            assert!((found - want).abs() < 0.01, "stem {stem}: {found} dBTP, not {want}");
            assert_eq!(stem_peak.dbtp(4), None, "nobody asked for that");
        }
        stem_peak.ask(Some(3));
        rig.render(&stems, &[], &[441]);
        assert_eq!(stem_peak.dbtp(3), Some(f32::NEG_INFINITY), "it is muted");
        meters.loudness().reset();
        assert_eq!(stem_peak.dbtp(3), None, "all begins anew");
        stem_peak.ask(None);
        rig.render(&stems, &[], &[441]);
        assert_eq!(stem_peak.dbtp(3), None);
    }
}

#[test]
fn nobody_listening_costs_nothing_and_changes_nothing_in_the_mix() {
    let stems = noisy_stems(4, RATE_HZ as usize);
    let mut rig = Rig::with(RATE_HZ, &busy());
    let plain = rig.render(&stems, &[], &[512]);
    assert_eq!(rig.meters.loudness().take(), None);
    let mut rig = Rig::with(RATE_HZ, &busy());
    rig.meters.loudness().listen(true);
    rig.meters.loudness().learn(true);
    assert!(rig.render(&stems, &[], &[512]) == plain, "to listen and to learn is not heard");
}

#[test]
fn the_learned_balance_is_heard_by_its_amount() {
    let stems = noisy_stems(5, 2 * RATE_HZ as usize);
    let mut settings = MixSettings::default();
    settings.learned_db[2] = -12.0;
    let level_db = |percent: f32| {
        let mut settings = settings;
        settings.set(ParamKey::Mix(MixParam::BalanceAmount), percent);
        let (_, parts) = Rig::with(RATE_HZ, &settings).render_stems(&stems, &[], &[512]);
        let rms = |side: &[f32]| side.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        10.0 * (rms(&parts[2][0]) / rms(&stems[2][0])).log10()
    };
    for (percent, want) in [(0.0, 0.0), (50.0, -6.0), (100.0, -12.0)] {
        assert!((level_db(percent) - want).abs() < 1e-3, "{percent} %: {} dB", level_db(percent));
    }
}

#[test]
fn a_song_without_sound_has_no_loudness() {
    assert_eq!(Song::new(Vec::new()).loudness_lufs(&[1.0; STEMS]), f64::NEG_INFINITY);
}
