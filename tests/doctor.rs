//! The routing doctor finds what is wrong with the inputs, and nothing where nothing is.

mod support;

use stemwright::doctor::{Doctor, Finding, Kind, Light, Side, Steps, steps};
use stemwright::model::limits::{ParamKey, STEMS, StripParam};
use stemwright::model::settings::MixSettings;
use stemwright::sync::REPORT_FRAMES;
use support::no_alloc::no_alloc;
use support::rig::Rig;
use support::signals::{Stereo, both, constant, noise, noisy_stems, sine};

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;

/// Low, to make three seconds short. What depends on the rate is tried at others.
const RATE_HZ: f64 = 8_000.0;
/// Below what a ring of reports holds.
const STRETCH: usize = 16_384;
/// Faults of the last three seconds, and of all sound, are found within this time.
const FOUND_S: f64 = 4.0;

/// A watched engine and the doctor who listens.
struct Ward {
    rig: Rig,
    rate_hz: f64,
    blocks: Vec<usize>,
    doctor: Doctor,
}

impl Ward {
    fn new() -> Self {
        Self::with(RATE_HZ, &[256])
    }

    fn with(rate_hz: f64, blocks: &[usize]) -> Self {
        let rig = Rig::new(rate_hz);
        rig.meters.probe().watch(true);
        Self { rig, rate_hz, blocks: blocks.to_vec(), doctor: Doctor::new() }
    }

    fn play(&mut self, stems: &[Stereo]) {
        let frames = stems[0][0].len();
        for start in (0..frames).step_by(STRETCH) {
            let part = start..frames.min(start + STRETCH);
            let cut = |side: &Vec<f32>| side[part.start.min(side.len())..part.end.min(side.len())].to_vec();
            let stems: Vec<Stereo> = stems.iter().map(|stem| stem.each_ref().map(cut)).collect();
            self.rig.render(&stems, &[], &self.blocks);
            while let Some(report) = self.rig.meters.probe().take() {
                assert_eq!(report.missed, 0);
                self.doctor.feed(&report);
            }
        }
    }

    fn frames(&self, seconds: f64) -> usize {
        (seconds * self.rate_hz) as usize
    }

    fn found(&self) -> Vec<(usize, Kind)> {
        self.doctor.findings().iter().map(|finding| (finding.stem, finding.kind)).collect()
    }

    /// What was found at a stem, in words.
    fn words(&self, stem: usize) -> Vec<String> {
        let findings = self.doctor.findings();
        findings.iter().filter(|finding| finding.stem == stem).map(Finding::words).collect()
    }
}

/// Good sound in every stem: noise of its own, at -12 dB.
fn good(frames: usize) -> Vec<Stereo> {
    noisy_stems(1, frames).iter().map(|stem| scaled(stem, 0.25)).collect()
}

fn scaled(sound: &Stereo, gain: f32) -> Stereo {
    sound.each_ref().map(|side| side.iter().map(|x| gain * x).collect())
}

fn silence(frames: usize) -> Stereo {
    constant(0.0, frames)
}

#[test]
fn nothing_is_found_in_good_sound_at_any_rate_and_block_size() {
    for (rate_hz, blocks) in
        [(8_000.0, &[1][..]), (8_000.0, &[1_024]), (44_100.0, &[33, 1, 700]), (96_000.0, &[512])]
    {
        let mut ward = Ward::with(rate_hz, blocks);
        ward.play(&good(ward.frames(FOUND_S)));
        assert_eq!(ward.found(), [], "{rate_hz} Hz, {blocks:?}");
        assert!((0..STEMS).all(|stem| ward.doctor.light(stem) == Light::Good));
    }
}

#[test]
fn the_cut_into_blocks_changes_nothing_in_a_report() {
    let stems = good(2 * REPORT_FRAMES);
    let heard = [1, 31, 32, 33, 256, 1_024, usize::MAX].map(|block| {
        let mut rig = Rig::new(RATE_HZ);
        rig.meters.probe().watch(true);
        rig.render(&stems, &[], &[block]);
        let probe = rig.meters.probe();
        (probe.take().expect("a report"), probe.take().expect("another"))
    });
    for other in &heard[1..] {
        assert!(*other == heard[0]);
    }
    let (first, _) = &heard[0];
    let sum: f64 = stems[5][1][..REPORT_FRAMES].iter().map(|x| f64::from(*x)).sum();
    let squares: f64 = stems[5][1][..REPORT_FRAMES].iter().map(|x| f64::from(*x).powi(2)).sum();
    assert!((f64::from(first.figures[5].sums[1]) - sum).abs() < 1e-4);
    assert!((f64::from(first.figures[5].squares[1]) / squares - 1.0).abs() < 1e-5);
}

#[test]
fn unwatched_nothing_is_reported_and_watched_the_mix_has_the_same_bits() {
    let mut settings = MixSettings::default();
    settings.set(ParamKey::Stem(3, StripParam::Fader), -7.3);
    settings.set(ParamKey::Stem(4, StripParam::Delay), 3.0);
    settings.set(ParamKey::Stem(5, StripParam::BellGain), 5.0);
    let mut stems = good(20_000);
    stems[6][0][77] = f32::NAN;
    let mixes = [false, true].map(|watched| {
        let mut rig = Rig::with(RATE_HZ, &settings);
        rig.meters.probe().watch(watched);
        let mix = rig.render(&stems, &[], &[100, 7]);
        assert_eq!(rig.meters.probe().take().is_some(), watched);
        mix.map(|side| side.into_iter().map(f32::to_bits).collect::<Vec<_>>())
    });
    assert!(mixes[0] == mixes[1]);
}

#[test]
fn watching_anew_begins_anew() {
    let mut rig = Rig::new(RATE_HZ);
    let probe = rig.meters.clone();
    let probe = probe.probe();
    probe.watch(true);
    rig.render(&good(3 * REPORT_FRAMES / 2), &[], &[256]);
    probe.watch(false);
    rig.render(&good(256), &[], &[256]);
    probe.watch(true);
    assert_eq!(probe.take(), None, "what was before is forgotten");
    rig.render(&vec![silence(REPORT_FRAMES); STEMS], &[], &[256]);
    let report = probe.take().expect("a report");
    assert!(report.figures.iter().all(|figures| figures.peaks == [0.0; 2]), "of what was played since");
}

#[test]
fn a_full_ring_keeps_the_oldest_and_says_what_is_missing() {
    let mut rig = Rig::new(RATE_HZ);
    let meters = rig.meters.clone();
    meters.probe().watch(true);
    rig.render(&vec![silence(40 * REPORT_FRAMES); STEMS], &[], &[1_024]);
    let mut kept = 0;
    while let Some(report) = no_alloc(|| meters.probe().take()) {
        assert_eq!(report.missed, 0);
        kept += 1;
    }
    assert!(kept < 40);
    rig.render(&vec![silence(REPORT_FRAMES); STEMS], &[], &[1_024]);
    assert_eq!(meters.probe().take().expect("a report").missed, 40 - kept);
}

#[test]
fn a_silent_input_waits_and_is_told_of_after_ten_seconds_of_the_others() {
    let mut ward = Ward::new();
    let mut stems = good(ward.frames(9.5));
    stems[3] = silence(ward.frames(9.5));
    ward.play(&stems);
    assert_eq!((ward.found(), ward.doctor.light(3)), (vec![], Light::Waiting));
    ward.play(
        &stems.iter().map(|stem| stem.each_ref().map(|s| s[..RATE_HZ as usize].to_vec())).collect::<Vec<_>>(),
    );
    assert_eq!((ward.found(), ward.doctor.light(3)), (vec![(3, Kind::NeverHeard)], Light::Waiting));
    assert_eq!(ward.words(3), ["Stem 04 is connected, but nothing has come in while others played."]);
}

#[test]
fn a_stem_that_falls_silent_says_for_how_long_until_it_sounds_again() {
    let mut ward = Ward::new();
    ward.play(&good(ward.frames(1.0)));
    // Nobody is missed while nothing plays.
    ward.play(&vec![silence(ward.frames(15.0)); STEMS]);
    assert_eq!(ward.found(), []);
    let mut stems = good(ward.frames(14.0));
    stems[7] = silence(ward.frames(14.0));
    ward.play(&stems);
    let found = ward.found();
    let [(7, Kind::SilentFor(seconds))] = found[..] else { panic!("{found:?}") };
    assert!((13.5..14.5).contains(&seconds), "{seconds} s");
    assert_eq!(ward.doctor.light(7), Light::Look);
    ward.play(&good(ward.frames(0.5)));
    assert_eq!(ward.found(), []);
}

#[test]
fn mono_is_told_and_is_no_fault() {
    let mut ward = Ward::new();
    let mut stems = good(ward.frames(FOUND_S));
    stems[2] = both(stems[2][0].clone());
    ward.play(&stems);
    assert_eq!((ward.found(), ward.doctor.light(2)), (vec![(2, Kind::Mono)], Light::Good));
    // One stereo moment, and it is stereo.
    ward.play(&good(REPORT_FRAMES));
    assert_eq!(ward.found(), []);
}

#[test]
fn a_stem_on_one_side_is_found_with_its_side() {
    let mut ward = Ward::new();
    let mut stems = good(ward.frames(FOUND_S));
    stems[1][1].fill(0.0);
    stems[9][0].fill(0.0);
    ward.play(&stems);
    assert_eq!(ward.found(), [(1, Kind::OneSided(Side::Left)), (9, Kind::OneSided(Side::Right))]);
    assert_eq!(ward.words(9), ["Stem 10 sounds on the right only."]);
}

#[test]
fn an_offset_is_found_and_a_loud_bass_is_none() {
    let mut ward = Ward::new();
    let frames = ward.frames(FOUND_S);
    let mut stems = good(frames);
    for x in &mut stems[4][1] {
        *x -= 0.02;
    }
    // The lowest tone there is, cut where it is worst.
    stems[5] = [sine(20.3, 1.0, RATE_HZ, frames), sine(20.3, 1.1, RATE_HZ, frames)]
        .map(|side| side.iter().map(|x| 0.99 * x).collect());
    ward.play(&stems);
    let found = ward.found();
    let [(4, Kind::Dc { level_db })] = found[..] else { panic!("{found:?}") };
    assert!((level_db + 34.0).abs() < 1.0, "{level_db} dBFS");
    assert_eq!(ward.words(4), ["Stem 05 carries a constant offset (DC) of -34 dBFS."]);
    assert_eq!(ward.doctor.light(4), Light::Look);
    ward.play(&good(frames));
    assert_eq!(ward.found(), [], "mended");
}

#[test]
fn clipping_is_counted_and_a_touch_of_full_scale_is_none() {
    for block in [1, 1_024] {
        let mut ward = Ward::with(RATE_HZ, &[block]);
        let mut stems = good(REPORT_FRAMES);
        // Across the edge of a row, and on the other side.
        stems[8][0][30..35].copy_from_slice(&[1.0, 1.2, 1.1, -1.0, 1.0]);
        stems[8][1][500..503].fill(-1.0);
        stems[10][0][30..32].fill(1.0);
        stems[10][0][34..36].fill(1.0);
        ward.play(&stems);
        let found = ward.found();
        let [(8, Kind::Clipped { times: 2, peak_db })] = found[..] else { panic!("{found:?}") };
        assert!((peak_db - 1.584).abs() < 0.01, "{peak_db} dBFS");
        assert_eq!(ward.doctor.light(8), Light::Bad);
        assert_eq!(
            ward.words(8),
            ["Stem 09 is clipped: 2 times it stayed at full scale or above for three samples or more. \
              Its peak is +1.6 dBFS."]
        );
        ward.play(&good(ward.frames(5.0)));
        assert_eq!(ward.found().len(), 1, "it is not forgotten...");
        ward.doctor.forget();
        assert_eq!(ward.found(), [], "...but on demand");
    }
}

#[test]
fn samples_that_are_no_numbers_are_told_at_once_until_forgotten() {
    for garbage in [f32::NAN, f32::INFINITY, -1e30] {
        for block in [1, 1_024] {
            let mut ward = Ward::with(RATE_HZ, &[block]);
            let mut stems = good(REPORT_FRAMES);
            stems[6][1][700] = garbage;
            ward.play(&stems);
            assert_eq!((ward.found(), ward.doctor.light(6)), (vec![(6, Kind::Garbage)], Light::Bad));
            assert!(ward.words(6)[0].contains("no numbers (NaN)"));
            ward.play(&good(REPORT_FRAMES));
            assert_eq!(ward.found().len(), 1, "it is not forgotten...");
            ward.doctor.forget();
            ward.play(&good(REPORT_FRAMES));
            assert_eq!(ward.found(), [], "...but on demand");
        }
    }
}

#[test]
fn twins_are_found_whatever_their_gain_and_polarity() {
    for blocks in [&[1][..], &[480], &[1_024, 3]] {
        let mut ward = Ward::with(RATE_HZ, blocks);
        let mut stems = good(ward.frames(FOUND_S));
        stems[4] = scaled(&stems[1], 0.1);
        stems[6] = scaled(&stems[1], -2.0);
        stems[12] = stems[11].clone();
        ward.play(&stems);
        let twins = [(4, Kind::TwinOf(1)), (6, Kind::FlippedTwinOf(1)), (12, Kind::TwinOf(11))];
        assert_eq!(ward.found(), twins, "{blocks:?}");
        for stem in 0..STEMS {
            let is_twin = [1, 4, 6, 11, 12].contains(&stem);
            assert_eq!(ward.doctor.light(stem), if is_twin { Light::Bad } else { Light::Good });
        }
        assert_eq!(ward.words(4), ["Stem 05 is the same as Stem 02 (twin): it will sound twice."]);
        assert_eq!(ward.doctor.findings()[0].cure(), "Mute one, or check the send of its track.");
        assert_eq!(ward.words(6), ["Stem 07 is the same as Stem 02 with opposite polarity: the two cancel."]);
        // In silence nothing is known better; with sounds of their own it is.
        ward.play(&vec![silence(ward.frames(FOUND_S)); STEMS]);
        assert_eq!(ward.found(), twins);
        ward.play(&good(ward.frames(FOUND_S)));
        assert_eq!(ward.found(), []);
    }
}

#[test]
fn twins_are_found_at_every_rate_high_or_low_stereo_or_out_of_phase() {
    for rate_hz in [44_100.0, 192_000.0] {
        let mut ward = Ward::with(rate_hz, &[1_024]);
        let frames = ward.frames(FOUND_S);
        let mut stems = vec![silence(frames); STEMS];
        // Hats: nothing below a quarter of the rate.
        let white = noise(3, frames);
        let hats: Vec<f32> = white
            .iter()
            .zip(&white[1..])
            .enumerate()
            .map(|(n, (a, b))| if n % 2 == 0 { a + b } else { -a - b })
            .collect();
        let hats: Vec<f32> = hats.iter().map(|x| 0.1 * x).chain([0.0]).collect();
        stems[2] = both(hats.clone());
        stems[3] = both(hats);
        // Its sides cancel in mono.
        let wide = noise(4, frames);
        stems[5] = [wide.clone(), wide.iter().map(|x| -x).collect()];
        stems[6] = scaled(&stems[5], 0.3);
        ward.play(&stems);
        let twins: Vec<_> = ward.found().into_iter().filter(|(_, kind)| *kind != Kind::Mono).collect();
        assert_eq!(twins, [(3, Kind::TwinOf(2)), (6, Kind::TwinOf(5))], "{rate_hz} Hz");
    }
}

#[test]
fn what_is_nearly_alike_is_no_twin() {
    let mut ward = Ward::new();
    let frames = ward.frames(FOUND_S);
    let mut stems = good(frames);
    // Two microphones on one source: what differs is 20 dB below.
    let room = scaled(&stems[1], 0.1);
    stems[4] = [0, 1].map(|side| stems[2][side].iter().zip(&room[side]).map(|(a, b)| a + b).collect());
    // The same offset is not the same sound.
    for stem in [7, 8] {
        stems[stem] = scaled(&stems[stem], 0.02).map(|side| side.iter().map(|x| x + 0.3).collect());
    }
    // Nor is the same hum in two silent stems.
    let hum = scaled(&both(sine(50.0, 0.0, RATE_HZ, frames)), 0.001);
    (stems[13], stems[14]) = (hum.clone(), hum);
    ward.play(&stems);
    assert!(ward.found().iter().all(|(_, kind)| kind.other().is_none()), "{:?}", ward.found());
}

#[test]
fn a_twin_of_the_main_input_is_on_the_bus_already() {
    let mut ward = Ward::new();
    let mut stems = good(ward.frames(FOUND_S));
    stems[3] = scaled(&stems[0], 0.5);
    stems[4] = scaled(&stems[0], -1.0);
    ward.play(&stems);
    assert_eq!(ward.found(), [(3, Kind::TwinOf(0)), (4, Kind::FlippedTwinOf(0))]);
    assert_eq!(
        ward.words(3),
        ["Stem 04 is the same as the main input: the bus already carries it, and it will sound twice."]
    );
    assert!(ward.doctor.findings()[0].cure().contains("Main Input Use"));
}

#[test]
fn a_main_input_that_is_the_sum_of_the_others_is_found() {
    let mut ward = Ward::new();
    let mut stems = scaled_all(&good(ward.frames(FOUND_S)), 0.1);
    stems[0] = [0, 1].map(|side| {
        (0..stems[0][0].len())
            .map(|n| 0.7 * stems[1..].iter().map(|stem| stem[side][n]).sum::<f32>())
            .collect()
    });
    ward.play(&stems);
    assert_eq!((ward.found(), ward.doctor.light(0)), (vec![(0, Kind::SumOfOthers)], Light::Bad));
    ward.doctor.leave_out(1);
    assert_eq!(ward.found(), [], "the main input is ignored");
}

fn scaled_all(stems: &[Stereo], gain: f32) -> Vec<Stereo> {
    stems.iter().map(|stem| scaled(stem, gain)).collect()
}

#[test]
fn a_muted_twin_is_cured() {
    let mut ward = Ward::new();
    let mut stems = good(ward.frames(FOUND_S));
    stems[4] = stems[1].clone();
    ward.play(&stems);
    assert_eq!(ward.found(), [(4, Kind::TwinOf(1))]);
    for muted in [1, 4] {
        ward.doctor.leave_out(1 << muted);
        assert_eq!((ward.found(), ward.doctor.light(1)), (vec![], Light::Good));
    }
}

#[test]
fn an_input_that_is_not_connected_is_dark_and_forgets() {
    let mut ward = Ward::new();
    assert_eq!(ward.doctor.light(0), Light::Off, "before anything is known");
    let mut stems = good(ward.frames(FOUND_S));
    stems[4] = stems[1].clone();
    stems[4][0][..3].fill(1.0);
    ward.play(&stems);
    assert_eq!(ward.found().len(), 2);
    ward.rig.connected &= !(1 << 4);
    ward.play(&good(REPORT_FRAMES));
    assert_eq!((ward.found(), ward.doctor.light(4)), (vec![], Light::Off));
    ward.rig.connected |= 1 << 4;
    ward.play(&vec![silence(REPORT_FRAMES); STEMS]);
    assert_eq!((ward.found(), ward.doctor.light(4)), (vec![], Light::Waiting));
    // Too short for its block counts as not connected.
    stems[6] = [vec![], vec![]];
    ward.play(&stems);
    assert_eq!((ward.doctor.light(6), ward.doctor.light(7)), (Light::Off, Light::Good));
    assert_eq!(ward.doctor.light(STEMS), Light::Off, "there is no such stem");
}

#[test]
fn garbage_counts_as_silence_and_poisons_nothing() {
    let mut ward = Ward::new();
    let mut stems = good(ward.frames(FOUND_S));
    stems[4] = stems[1].clone();
    let frames = stems[0][0].len();
    for (stem, garbage) in [(0, f32::NAN), (1, 1e30), (2, f32::INFINITY), (4, f32::NEG_INFINITY)] {
        for n in (0..frames).step_by(997) {
            stems[stem][0][n] = garbage;
        }
    }
    stems[9] = constant(f32::NAN, frames);
    ward.play(&stems);
    let garbage = [0, 1, 2, 4, 9].map(|stem| (stem, Kind::Garbage));
    let found = ward.found();
    assert_eq!(
        found.iter().filter(|found| !garbage.contains(found)).collect::<Vec<_>>(),
        [&(4, Kind::TwinOf(1))]
    );
    assert!(garbage.iter().all(|garbage| found.contains(garbage)), "{found:?}");
    // As large as is let through: a fault, and over once it has passed.
    let mut stems = good(ward.frames(0.5));
    stems[3] = constant(9e9, ward.frames(0.5));
    ward.play(&stems);
    ward.doctor.forget();
    let mut stems = good(ward.frames(FOUND_S));
    stems[3] = scaled(&stems[5], 0.5);
    ward.play(&stems);
    assert_eq!(ward.found(), [(5, Kind::TwinOf(3))]);
}

#[test]
fn a_promise_of_silence_is_as_good_as_silence() {
    let mut ward = Ward::new();
    ward.rig.flags_silence = true;
    let mut stems = good(ward.frames(10.5));
    stems[6] = silence(ward.frames(10.5));
    ward.play(&stems);
    assert_eq!(ward.found(), [(6, Kind::NeverHeard)]);
}

#[test]
fn hosts_are_known_by_any_of_their_names() {
    for (name, host) in [
        ("Ardour", "Ardour"),
        ("REAPER", "REAPER"),
        ("Reaper v7.20/x64", "REAPER"),
        ("Cubase Pro 13", "Cubase"),
        ("Bitwig Studio", "Bitwig Studio"),
        ("Ableton Live 12 Suite", "Ableton Live"),
        ("Live", "Ableton Live"),
        ("Live 11", "Ableton Live"),
        ("PreSonus Studio One 6", "Studio One"),
        ("FL Studio 2024", "FL Studio"),
        ("LiveProfessor", "Your host"),
        ("", "Your host"),
        ("Carla", "Your host"),
    ] {
        assert_eq!(steps(name).host, host, "{name}");
    }
}

#[test]
fn the_steps_are_the_readme_s() {
    // As one line without the marks of Markdown.
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace(['*', '`'], "");
    let readme = include_str!("../README.md");
    let from = |heading: &str| readme.split_once(heading).unwrap_or_else(|| panic!("no {heading:?}")).1;
    let section = |heading: &str| plain(from(heading).split("\n#").next().unwrap_or_default());
    for name in ["Ardour", "REAPER", "Cubase", "Bitwig", "Ableton", "Studio One", "FL Studio", "another"] {
        let Steps { host, tried, steps } = steps(name);
        let text = match host {
            "Ardour" | "REAPER" | "Cubase" => {
                let text =
                    plain(from(&format!("### {host} ({tried})\n")).split("\n#").next().unwrap_or_default());
                let numbers = (1..=steps.len()).zip(steps).map(|(n, step)| format!("{n}. {step}"));
                assert_eq!(text, numbers.collect::<Vec<_>>().join(" "), "{host}: all of them, in order");
                continue;
            }
            "Your host" => section("## Quick start\n"),
            _ => section("### Others\n"),
        };
        for step in steps {
            assert!(text.contains(step), "{host}: {step}");
        }
        assert!(host == "Your host" || text.contains(&format!("{host}: {tried}.")), "{host}: {tried}");
    }
}
