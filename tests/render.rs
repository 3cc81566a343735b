//! The offline renderer, through its library and through the built program.

#[path = "harness/any_file.rs"]
mod any_file;
mod support;

use hound::{SampleFormat as Wav, WavReader, WavSpec, WavWriter};
use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use stemwright::engine::{MixEngine, StemBlock};
use stemwright::model::document::{Document, MAX_BYTES, VERSION};
use stemwright::model::limits::{MAX_NAME_CHARS, STEMS};
use stemwright::model::settings::PanMode;
use stemwright::render::{Job, Render, RenderError, Report, SampleFormat, write_new_balance};
use support::bench::{Bench, RATE_HZ};
use support::random::Random;
use support::signals::{self, Stereo};

impl Bench {
    fn ints(&self, name: &str, channels: u16, bits: u16, rate_hz: u32, samples: &[i32]) -> PathBuf {
        let spec = WavSpec { channels, sample_rate: rate_hz, bits_per_sample: bits, sample_format: Wav::Int };
        let mut writer = WavWriter::create(self.path(name), spec).unwrap();
        samples.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
        writer.finalize().unwrap();
        self.path(name)
    }

    /// A float render of these stems to `mix.wav`.
    fn job(&self, stems: &[PathBuf]) -> Job {
        Job { stems: stems.to_vec(), mix: self.path("mix.wav"), ..Job::default() }
    }

    /// Every file with its content.
    fn content(&self) -> BTreeSet<(PathBuf, Vec<u8>)> {
        fn walk(folder: &Path, found: &mut BTreeSet<(PathBuf, Vec<u8>)>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                } else {
                    found.insert((path.clone(), fs::read(&path).unwrap()));
                }
            }
        }
        let mut found = BTreeSet::new();
        walk(self.folder(), &mut found);
        found
    }

    /// The job is refused, nothing on disk changes, and the message has all of `said`.
    #[track_caller]
    fn refuses(&self, job: &Job, said: &[&str]) {
        let before = self.content();
        let message = run(job).expect_err("this must be refused").to_string();
        for words in said {
            assert!(message.contains(words), "\"{message}\" does not say \"{words}\"");
        }
        assert!(self.content() == before, "files changed although: {message}");
    }
}

fn run(job: &Job) -> Result<Report, RenderError> {
    Render::prepare(job)?.run(|_| ControlFlow::Continue(()))
}

fn program(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stem-render")).args(args).current_dir(folder).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn read(path: impl AsRef<Path>) -> Stereo {
    let mut reader = WavReader::open(path).unwrap();
    let samples: Vec<f32> = reader.samples().map(Result::unwrap).collect();
    [0, 1].map(|side| samples[side..].iter().step_by(2).copied().collect())
}

fn read_24(path: impl AsRef<Path>) -> Vec<i32> {
    let mut reader = WavReader::open(path).unwrap();
    assert_eq!((reader.spec().bits_per_sample, reader.spec().channels), (24, 2));
    reader.samples().map(Result::unwrap).collect()
}

fn noise(seed: u64, frames: usize) -> Stereo {
    [2 * seed, 2 * seed + 1].map(|seed| signals::noise(seed, frames))
}

/// A balance that uses every kind of setting, a different one for each stem.
fn lively_balance() -> Document {
    let mut document = Document::default();
    let mut random = Random::new(77);
    document.mix.output_db = -3.5;
    for (stem, strip) in document.mix.stems.iter_mut().enumerate() {
        strip.fader_db = random.between(-12.0, 12.0);
        strip.trim_db = random.between(-6.0, 6.0);
        strip.pan = random.between(-1.0, 1.0);
        strip.width_percent = random.between(0.0, 200.0);
        strip.delay_ms = random.between(0.0, 20.0);
        strip.inverted = stem % 3 == 1;
        strip.mute = stem == 5;
        strip.pan_mode = if stem % 2 == 0 { PanMode::Balance } else { PanMode::TrueStereo };
    }
    document
}

/// What the engine makes of stems that a host plays to it from a reset, in blocks of 511.
fn played(document: &Document, stems: &[Stereo], frames: usize) -> Stereo {
    const BLOCK: usize = 511;
    let mut engine = MixEngine::new(Default::default());
    engine.set(&document.mix);
    engine.prepare(f64::from(RATE_HZ));
    let padded: Vec<Stereo> = (0..STEMS)
        .map(|stem| {
            [0, 1].map(|side| {
                let mut audio = stems.get(stem).map_or_else(Vec::new, |stem| stem[side].clone());
                audio.resize(frames, 0.0);
                audio
            })
        })
        .collect();
    let mut mix = padded[0].clone();
    let [left, right] = &mut mix;
    for (block, (left, right)) in left.chunks_mut(BLOCK).zip(right.chunks_mut(BLOCK)).enumerate() {
        let span = block * BLOCK..block * BLOCK + left.len();
        engine.process(&mut StemBlock {
            main: [left, right],
            aux: std::array::from_fn(|aux| padded[aux + 1].each_ref().map(|side| &side[span.clone()])),
            connected: (1 << stems.len()) - 1,
            silent: 0,
        });
    }
    mix
}

fn bits(audio: &Stereo) -> Vec<u32> {
    audio.iter().flatten().map(|x| x.to_bits()).collect()
}

fn peak(audio: &Stereo) -> f32 {
    audio.iter().flatten().fold(0.0, |peak, x| peak.max(x.abs()))
}

#[test]
fn sixteen_power_of_two_stems_add_up_exactly() {
    let bench = Bench::new();
    let stems: Vec<PathBuf> = (0..STEMS)
        .map(|stem| {
            let level = 0.5f32.powi(stem as i32 + 1);
            bench.wav(&format!("{stem:02}.wav"), &[vec![level; 3000], vec![-level; 3000]])
        })
        .collect();
    run(&bench.job(&stems)).unwrap();
    let sum = 1.0 - 0.5f32.powi(STEMS as i32);
    assert_eq!(read(bench.path("mix.wav")), [vec![sum; 3000], vec![-sum; 3000]]);
}

#[test]
fn a_float_mix_is_bit_equal_to_the_engine_played_by_a_host_in_other_blocks() {
    let bench = Bench::new();
    let audio: Vec<Stereo> = (0..11).map(|stem| noise(stem, 4000 + 333 * stem as usize)).collect();
    let stems: Vec<PathBuf> =
        audio.iter().enumerate().map(|(k, audio)| bench.wav(&format!("{k}.wav"), audio)).collect();
    let mut soloed = lively_balance();
    soloed.mix.stems[2].solo = true;
    soloed.mix.stems[7].solo_safe = true;
    let mut bypassed = lively_balance();
    bypassed.mix.bypass = true;
    let mut without_main = lively_balance();
    without_main.mix.ignore_main_input = true;
    for document in [Document::default(), lively_balance(), soloed, bypassed, without_main] {
        let job = Job {
            balance: Some(bench.balance("balance.json", &document)),
            replace: true,
            ..bench.job(&stems)
        };
        run(&job).unwrap();
        let mix = read(&job.mix);
        assert!(peak(&mix) > 0.1);
        assert_eq!(bits(&mix), bits(&played(&document, &audio, mix[0].len())));
    }
}

#[test]
fn stems_written_out_add_up_to_the_mix() {
    let bench = Bench::new();
    fs::create_dir(bench.path("parts")).unwrap();
    let stems: Vec<PathBuf> =
        (0..STEMS).map(|k| bench.wav(&format!("{k:02}.wav"), &noise(k as u64, 5000))).collect();
    let mut bypassed = lively_balance();
    bypassed.mix.bypass = true;
    for document in [lively_balance(), bypassed] {
        let job = Job {
            balance: Some(bench.balance("balance.json", &document)),
            stems_folder: Some(bench.path("parts")),
            replace: true,
            ..bench.job(&stems)
        };
        let report = run(&job).unwrap();
        let mix = read(&job.mix);
        let mut rest = mix.clone().map(|side| side.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
        assert_eq!(report.written.len(), 1 + STEMS);
        for file in &report.written[1..] {
            for (rest, part) in rest.iter_mut().zip(read(&file.path)) {
                assert_eq!(rest.len(), part.len());
                rest.iter_mut().zip(part).for_each(|(rest, x)| *rest -= f64::from(x));
            }
        }
        let error = rest.iter().flatten().fold(0.0, |peak: f64, x| peak.max(x.abs()));
        assert!(error < 1e-6 * f64::from(peak(&mix)), "{error}");
    }
}

#[test]
fn twenty_four_bits_are_within_half_a_step_of_the_float_mix() {
    let bench = Bench::new();
    let stems = [bench.wav("a.wav", &noise(3, 9000)), bench.wav("b.wav", &noise(4, 8000))];
    let mut document = Document::default();
    document.mix.output_db = -7.3;
    document.mix.stems[1].pan = 0.4;
    let mut job = Job { balance: Some(bench.balance("b.json", &document)), ..bench.job(&stems) };
    assert_eq!(run(&job).unwrap().written[0].clipped_samples, 0);
    let float = read(&job.mix);
    job = Job { format: SampleFormat::Int24, mix: bench.path("mix24.wav"), ..job };
    assert_eq!(run(&job).unwrap().notices, Vec::<String>::new());
    let ints = read_24(&job.mix);
    assert_eq!(ints.len(), 2 * float[0].len());
    for (frame, pair) in ints.chunks(2).enumerate() {
        for side in 0..2 {
            let exact = f64::from(float[side][frame]) * 8_388_608.0;
            assert!((f64::from(pair[side]) - exact).abs() <= 0.5);
        }
    }
}

#[test]
fn clipping_is_counted_and_the_message_says_what_to_do() {
    let bench = Bench::new();
    let stem = bench.wav("hot.wav", &[vec![0.5, 1.0, -1.0, 2.0, -2.0], vec![0.0; 5]]);
    let job = Job { format: SampleFormat::Int24, ..bench.job(&[stem]) };
    let report = run(&job).unwrap();
    assert_eq!((report.written[0].clipped_samples, report.written[0].peak), (2, 2.0));
    let left: Vec<i32> = read_24(&job.mix).into_iter().step_by(2).collect();
    assert_eq!(left, [1 << 22, (1 << 23) - 1, -(1 << 23), (1 << 23) - 1, -(1 << 23)]);
    let [notice] = &report.notices[..] else { panic!("{:?}", report.notices) };
    for words in ["mix.wav", "2 samples", "6.02 dB over", "by 6.1 dB", "--bits float"] {
        assert!(notice.contains(words), "{notice}");
    }
}

#[test]
fn every_sample_format_is_read_at_its_full_scale() {
    let bench = Bench::new();
    for bits in [8, 16, 24, 32] {
        let half = 1 << (bits - 2);
        let stem = bench.ints("in.wav", 2, bits, RATE_HZ, &[half, -half, 2 * -half, 0, half / 2, 0]);
        let job = Job { replace: true, ..bench.job(&[stem]) };
        run(&job).unwrap();
        assert_eq!(read(&job.mix), [vec![0.5, -1.0, 0.25], vec![-0.5, 0.0, 0.0]], "{bits} bits");
    }
}

#[test]
fn a_mono_stem_sounds_on_both_sides() {
    let bench = Bench::new();
    let stem = bench.ints("mono.wav", 1, 16, RATE_HZ, &[16384, -8192, 0]);
    run(&bench.job(&[stem])).unwrap();
    assert_eq!(read(bench.path("mix.wav")), [vec![0.5, -0.25, 0.0], vec![0.5, -0.25, 0.0]]);
}

#[test]
fn shorter_stems_are_followed_by_silence() {
    let bench = Bench::new();
    let short = bench.wav("short.wav", &[vec![0.25; 100], vec![0.25; 100]]);
    let long = bench.wav("long.wav", &[vec![0.5; 2500], vec![0.5; 2500]]);
    run(&bench.job(&[short, long])).unwrap();
    let mut expected = vec![0.75; 100];
    expected.resize(2500, 0.5);
    assert_eq!(read(bench.path("mix.wav")), [expected.clone(), expected]);
}

#[test]
fn a_delayed_stem_is_heard_to_its_end() {
    let bench = Bench::new();
    let mut document = Document::default();
    document.mix.stems[1].delay_ms = 50.0;
    // Nothing is played on this one, so it adds no length.
    document.mix.stems[0].delay_ms = 10.0;
    document.mix.stems[9].delay_ms = 50.0;
    let balance = Some(bench.balance("b.json", &document));
    let stems = [
        bench.wav("dry.wav", &[vec![0.0; 1000], vec![0.0; 1000]]),
        bench.wav("late.wav", &[vec![0.5; 1000], vec![0.5; 1000]]),
    ];
    run(&Job { balance: balance.clone(), ..bench.job(&stems) }).unwrap();
    let [left, _] = read(bench.path("mix.wav"));
    assert_eq!(left.len(), 1000 + 2400);
    assert_eq!(left[2400..], [0.5; 1000]);
    assert_eq!(left[..2400], [0.0; 2400]);

    run(&Job { balance, replace: true, ..bench.job(&stems[..1]) }).unwrap();
    assert_eq!(read(bench.path("mix.wav"))[0].len(), 1000 + 480);
}

#[test]
fn notes_of_odd_length_before_the_audio_do_no_harm() {
    let bench = Bench::new();
    let stem = bench.ints("plain.wav", 2, 16, RATE_HZ, &[16384, -16384]);
    let plain = fs::read(&stem).unwrap();
    let note = b"iXML\x05\0\0\0hello\0";
    let noted = [&plain[..12], note, &plain[12..], b"LIST\x03\0\0\0bye\0"].concat();
    run(&bench.job(&[bench.write("noted.wav", noted)])).unwrap();
    assert_eq!(read(bench.path("mix.wav")), [vec![0.5], vec![-0.5]]);
}

#[test]
fn samples_that_are_no_numbers_are_silenced_and_their_file_named() {
    let bench = Bench::new();
    let bad = bench.wav("bad.wav", &[vec![0.25, f32::NAN, 0.25, 1e33], vec![f32::INFINITY, 0.0, 0.0, 0.0]]);
    let good = bench.wav("good.wav", &[vec![0.5; 4], vec![0.5; 4]]);
    let report = run(&bench.job(&[bad, good])).unwrap();
    assert_eq!(read(bench.path("mix.wav")), [vec![0.75, 0.5, 0.75, 0.5], vec![0.5; 4]]);
    let [notice] = &report.notices[..] else { panic!("{:?}", report.notices) };
    assert!(notice.contains("bad.wav") && notice.contains("3 samples"), "{notice}");
}

#[test]
fn stem_files_have_safe_names_that_stay_distinct() {
    let bench = Bench::new();
    fs::create_dir(bench.path("parts")).unwrap();
    let long = "x".repeat(100);
    let names = ["Vox", "Vox", "../AC/DC: \"Live?\"", "", &long, "Größe 1"];
    let mut document = Document::default();
    let stems: Vec<PathBuf> = names
        .iter()
        .enumerate()
        .map(|(k, name)| {
            document.stems[k].rename(name);
            bench.wav(&format!("take {k}.wav"), &[vec![0.1], vec![0.1]])
        })
        .collect();
    let job = Job {
        balance: Some(bench.balance("b.json", &document)),
        stems_folder: Some(bench.path("parts")),
        ..bench.job(&stems)
    };
    let report = run(&job).unwrap();
    let long = format!("05 {}.wav", &long[..MAX_NAME_CHARS]);
    let expected =
        ["01 Vox.wav", "02 Vox.wav", "03 .._AC_DC_ _Live__.wav", "04 take 3.wav", &long, "06 Größe 1.wav"];
    let written: Vec<PathBuf> = report.written[1..].iter().map(|file| file.path.clone()).collect();
    assert_eq!(written, expected.map(|name| bench.path("parts").join(name)));
    assert!(written.iter().all(|path| path.is_file()));
}

#[test]
fn inputs_that_cannot_be_mixed_are_refused_by_name_with_the_cure() {
    let bench = Bench::new();
    let good = bench.wav("good.wav", &noise(5, 100));
    let with = |bad: PathBuf| bench.job(&[good.clone(), bad]);
    let rate = |name: &str, rate_hz: u32| bench.ints(name, 2, 16, rate_hz, &[1, 2]);

    bench.refuses(&bench.job(&[]), &["no stems", "name one"]);
    let many: Vec<PathBuf> = (0..=STEMS).map(|k| rate(&format!("many {k}.wav"), RATE_HZ)).collect();
    bench.refuses(&bench.job(&many), &["17 stems", "many 16.wav", "leave out"]);
    bench.refuses(&with(bench.path("missing.wav")), &["missing.wav", "check its name"]);
    bench.refuses(&with(bench.folder().to_owned()), &["folder", "export"]);
    bench.refuses(&with(bench.write("song.mp3", [0xFF; 500])), &["song.mp3", "no WAV", "export it as WAV"]);
    bench.refuses(&with(bench.write("void.wav", [])), &["void.wav", "ends before", "export it"]);
    bench.refuses(&with(bench.write("big.wav", b"RF64\0\0\0\0WAVEds64")), &["big.wav", "RF64", "export it"]);
    let surround = bench.ints("six.wav", 6, 16, RATE_HZ, &[0; 6]);
    bench.refuses(&with(surround), &["six.wav", "6 channels", "mono or stereo"]);
    bench.refuses(&with(rate("low.wav", 7999)), &["low.wav", "7999 Hz", "resample", "8000"]);
    bench.refuses(&with(rate("high.wav", 384_001)), &["high.wav", "384001 Hz", "resample", "384000"]);
    let empty = bench.ints("empty.wav", 2, 16, RATE_HZ, &[]);
    bench.refuses(&with(empty), &["empty.wav", "no audio", "export it again"]);
    let whole = fs::read(&good).unwrap();
    let cut = bench.write("cut.wav", &whole[..whole.len() - 300]);
    bench.refuses(&with(cut), &["cut.wav", "cut off", "800 bytes", "500 are there", "again"]);
}

#[test]
fn of_two_sample_rates_the_rarer_is_to_be_resampled() {
    let bench = Bench::new();
    let stem = |name: &str, rate_hz: u32| bench.ints(name, 2, 16, rate_hz, &[1, 2]);
    let stems = [stem("drums.wav", 44_100), stem("bass.wav", 48_000), stem("keys.wav", 48_000)];
    let said = ["drums.wav has 44100 Hz", "has 48000 Hz", "resample", "drums.wav to 48000 Hz"];
    bench.refuses(&bench.job(&stems), &said);
    bench.refuses(&bench.job(&stems[..2]), &["drums.wav has 44100 Hz", "bass.wav to 44100 Hz"]);
}

#[test]
fn balances_that_cannot_be_read_are_refused_by_name_with_the_cure() {
    let bench = Bench::new();
    let stem = bench.wav("stem.wav", &noise(6, 100));
    let with = |balance: PathBuf| Job { balance: Some(balance), ..bench.job(std::slice::from_ref(&stem)) };
    bench.refuses(&with(bench.path("none.json")), &["none.json", "check its name"]);
    bench.refuses(&with(bench.folder().to_owned()), &["folder", "choose"]);
    bench
        .refuses(&with(bench.write("text.json", "hello")), &["text.json", "no Stemwright balance", "choose"]);
    bench.refuses(&with(bench.write("other.json", "{\"format\": \"x\"}")), &["other.json", "choose"]);
    bench.refuses(&with(stem.clone()), &["stem.wav", "no Stemwright balance"]);
    bench.refuses(&with(bench.write("huge.json", vec![b' '; MAX_BYTES + 1])), &["huge.json", "bytes long"]);
    let text = Document::default().to_json();
    let later = text.replace(&format!("\"version\": {VERSION}"), "\"version\": 7");
    bench.refuses(&with(bench.write("later.json", later)), &["later.json", "version 7", "install the newer"]);
}

#[test]
fn outputs_that_must_not_be_written_are_refused_by_name_with_the_cure() {
    let bench = Bench::new();
    let parts = bench.path("parts");
    fs::create_dir(&parts).unwrap();
    let stem = bench.wav("stem.wav", &noise(7, 100));
    let balance = bench.balance("b.json", &Document::default());
    let job =
        |mix: PathBuf| Job { mix, balance: Some(balance.clone()), ..bench.job(std::slice::from_ref(&stem)) };
    let forced = |mix: PathBuf| Job { replace: true, ..job(mix) };

    bench.refuses(&job(bench.path("no/such/mix.wav")), &["no/such", "does not exist", "create it first"]);
    bench.refuses(&forced(stem.clone()), &["stem.wav", "files to read", "another name"]);
    bench.refuses(&forced(parts.join("../stem.wav")), &["stem.wav", "files to read"]);
    bench.refuses(&forced(balance.clone()), &["b.json", "files to read"]);
    bench.refuses(&forced(parts.clone()), &["parts", "folder", "name of a file"]);
    let taken = bench.write("taken.wav", "precious");
    bench.refuses(&job(taken), &["taken.wav", "exists already", "--force"]);
    for name in ["mix.mp3", "mix", "mix.flac"] {
        bench.refuses(&job(bench.path(name)), &[name, "does not end in .wav", "choose a name that does"]);
    }

    let with_parts = |mix: &str| Job { stems_folder: Some(parts.clone()), ..job(bench.path(mix)) };
    bench.refuses(
        &Job { stems_folder: Some(bench.path("nowhere")), ..job(bench.path("mix.wav")) },
        &["nowhere", "does not exist", "create it first"],
    );
    bench.refuses(&with_parts("parts/01 STEM.wav"), &["01 stem.wav", "both", "another name"]);
    bench.write("parts/01 stem.wav", "precious");
    bench.refuses(&with_parts("mix.wav"), &["01 stem.wav", "exists already", "--force"]);
}

#[test]
fn a_render_too_long_for_a_wav_file_is_refused_before_it_starts() {
    let bench = Bench::new();
    let stem = bench.ints("long.wav", 1, 8, RATE_HZ, &[0]);
    let mut header = fs::read(&stem).unwrap();
    let data = header.windows(4).position(|id| id == b"data").unwrap();
    header[data + 4..data + 8].copy_from_slice(&600_000_000u32.to_le_bytes());
    // A hole takes no room on the disk.
    fs::write(&stem, &header).unwrap();
    fs::OpenOptions::new().write(true).open(&stem).unwrap().set_len(600_001_000).unwrap();
    let message = run(&bench.job(&[stem])).unwrap_err().to_string();
    for words in ["mix.wav", "4.5 GiB", "shorter parts", "--bits 24"] {
        assert!(message.contains(words), "{message}");
    }
    assert!(!bench.path("mix.wav").exists());
}

#[test]
fn force_replaces_every_file() {
    let bench = Bench::new();
    fs::create_dir(bench.path("parts")).unwrap();
    let stem = bench.wav("a.wav", &[vec![0.5], vec![0.5]]);
    bench.write("mix.wav", "old");
    bench.write("parts/01 a.wav", "old");
    run(&Job { stems_folder: Some(bench.path("parts")), replace: true, ..bench.job(&[stem]) }).unwrap();
    assert_eq!(read(bench.path("mix.wav")), [vec![0.5], vec![0.5]]);
    assert_eq!(read(bench.path("parts/01 a.wav")), [vec![0.5], vec![0.5]]);
}

#[test]
fn a_file_that_appears_during_the_render_is_not_overwritten() {
    let bench = Bench::new();
    let stem = bench.wav("a.wav", &noise(8, 5000));
    let render = Render::prepare(&bench.job(&[stem])).unwrap();
    let error = render
        .run(|_| {
            bench.write("mix.wav", "precious");
            ControlFlow::Continue(())
        })
        .unwrap_err();
    assert!(error.to_string().contains("exists already"), "{error}");
    assert_eq!(fs::read(bench.path("mix.wav")).unwrap(), b"precious");
    assert_eq!(bench.content().len(), 2);
}

#[test]
fn a_render_that_is_stopped_leaves_everything_as_it_was() {
    let bench = Bench::new();
    fs::create_dir(bench.path("parts")).unwrap();
    let stem = bench.wav("a.wav", &noise(9, 50_000));
    bench.write("mix.wav", "old");
    let before = bench.content();
    let job = Job { stems_folder: Some(bench.path("parts")), replace: true, ..bench.job(&[stem]) };
    let mut open_files = 0;
    let result = Render::prepare(&job).unwrap().run(|done| {
        open_files = bench.content().len() - before.len();
        if done > 20_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(result, Err(RenderError::Interrupted)));
    assert_eq!(open_files, 2, "the mix and the stem should have been under way");
    assert!(bench.content() == before);
}

#[test]
fn a_damaged_balance_warns_and_what_is_good_of_it_sounds() {
    let bench = Bench::new();
    bench.wav("a.wav", &[vec![0.5; 10], vec![0.5; 10]]);
    let mut document = Document::default();
    document.mix.stems[0].inverted = true;
    let text = document.to_json().replacen("\"pan\": 0.0", "\"pan\": \"sideways\"", 1);
    let cut = text.find("\"order\"").unwrap();
    bench.write("b.json", &text[..cut]);
    let output = program(&["render", "--balance", "b.json", "--out", "mix.wav", "a.wav"], bench.folder());
    assert!(output.status.success(), "{output:?}");
    for words in ["warning: b.json: ", "damaged", "Stem 01", "sideways"] {
        assert!(stderr(&output).contains(words), "{output:?}");
    }
    assert_eq!(read(bench.path("mix.wav")), [vec![-0.5; 10], vec![-0.5; 10]]);
}

#[test]
fn what_silences_stems_in_a_balance_is_said() {
    let bench = Bench::new();
    let stem = bench.wav("a.wav", &[vec![0.5], vec![0.5]]);
    let notices = |change: fn(&mut Document)| {
        let mut document = Document::default();
        change(&mut document);
        let balance = Some(bench.balance("b.json", &document));
        let job = Job { balance, ..bench.job(std::slice::from_ref(&stem)) };
        Render::prepare(&job).unwrap().notices().join("\n")
    };
    assert_eq!(notices(|_| ()), "");
    assert!(notices(|d| d.mix.bypass = true).contains("bypassed"));
    assert!(notices(|d| d.mix.stems[3].solo = true).contains("Stem 04"));
    assert!(notices(|d| d.mix.ignore_main_input = true).contains("Stem 01"));
    assert!(notices(|d| d.stems[5].rename("Choir")).contains("Stem 06 (Choir)"));
}

#[test]
fn a_new_balance_names_the_stems_and_renders_the_plain_sum() {
    let bench = Bench::new();
    bench.wav("Kick In.wav", &[vec![0.5], vec![0.5]]);
    let folder = bench.folder();
    let missing = program(&["new", "b.json", "Kick In.wav", "sub/Bass.wav"], folder);
    assert_eq!(missing.status.code(), Some(1));
    let said = stderr(&missing);
    assert!(said.contains("sub/Bass.wav cannot be read") && said.contains("check its name, place"), "{said}");
    assert!(!bench.path("b.json").exists());

    fs::create_dir(bench.path("sub")).unwrap();
    bench.wav("sub/Bass.wav", &[vec![0.5], vec![0.5]]);
    let output = program(&["new", "b.json", "Kick In.wav", "sub/Bass.wav"], folder);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for words in
        ["b.json: every setting at its default", "stem 01  Kick In  Kick In.wav", "stem 02  Bass  sub"]
    {
        assert!(said.contains(words), "{said}");
    }
    let loaded = Document::from_json(&fs::read(bench.path("b.json")).unwrap()).unwrap();
    assert_eq!(loaded.notices, Vec::<String>::new());
    assert_eq!(loaded.document.stems.each_ref().map(|s| s.name.as_str())[..3], ["Kick In", "Bass", ""]);
    assert_eq!(loaded.document.mix, Document::default().mix);

    let output = program(&["new", "b.json"], folder);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("b.json exists already"), "{output:?}");
    assert!(program(&["new", "b.json", "--force"], folder).status.success());

    let kick = fs::read(bench.path("Kick In.wav")).unwrap();
    let output = program(&["new", "Kick In.wav", "./Kick In.wav", "--force"], folder);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("is one of the files to read"), "{output:?}");
    assert_eq!(fs::read(bench.path("Kick In.wav")).unwrap(), kick);
    let output = program(&["new", "d.json", "sub"], folder);
    assert!(stderr(&output).contains("sub cannot be read"), "{output:?}");
    assert!(!bench.path("d.json").exists());

    let many = vec![PathBuf::from("x.wav"); STEMS + 1];
    let error = write_new_balance(&bench.path("c.json"), &many, false).unwrap_err();
    assert!(matches!(error, RenderError::TooManyStems { count: 17, .. }));
    assert!(!bench.path("c.json").exists());
}

#[test]
fn files_in_another_order_than_the_balance_s_stems_are_announced() {
    let bench = Bench::new();
    let files: Vec<_> = ["02 Snare", "01 Kick", "Bass", "Pad"]
        .map(|name| bench.wav(&format!("{name}.wav"), &noise(3, 100)))
        .into();
    let mut document = Document::default();
    for (stem, name) in ["KICK", "Snare", "Bass"].into_iter().enumerate() {
        document.stems[stem].rename(name);
    }
    let notices = |files: &[PathBuf]| {
        let job = Job { balance: Some(bench.balance("b.json", &document)), ..bench.job(files) };
        Render::prepare(&job).unwrap().notices().to_vec()
    };
    let said = notices(&files);
    assert_eq!(said.len(), 1, "{said:?}");
    for words in
        ["02 Snare.wav is given as Stem 01 and named like Stem 02", "01 Kick.wav is given as Stem 02"]
    {
        assert!(said[0].contains(words), "{said:?}");
    }
    assert!(!said[0].contains("Bass") && !said[0].contains("Pad"), "{said:?}");
    let [snare, kick, bass, pad] = &files[..] else { unreachable!("four files") };
    assert_eq!(notices(&[kick.clone(), snare.clone(), bass.clone(), pad.clone()]), [""; 0]);
}

#[test]
fn the_program_renders_reports_and_answers_with_its_exit_status() {
    let bench = Bench::new();
    let folder = bench.folder();
    fs::create_dir(bench.path("parts")).unwrap();
    bench.wav("a.wav", &[vec![0.5; 480], vec![0.5; 480]]);
    bench.wav("b.wav", &[vec![0.25; 480], vec![0.25; 480]]);
    let args = ["render", "--out", "mix.wav", "--stems-out", "parts", "--bits", "24", "a.wav", "b.wav"];
    let output = program(&args, folder);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    for words in ["mix.wav: 0.010 s, 48000 Hz, peak -2.50 dBFS", "01 a.wav", "02 b.wav"] {
        assert!(report.contains(words), "{report}");
    }
    assert_eq!(read_24(bench.path("mix.wav")), [6_291_456; 960]);

    let before = bench.content();
    let output = program(&args, folder);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).starts_with("error: mix.wav exists already"), "{output:?}");
    assert_eq!(program(&["render", "--out", "x.wav"], folder).status.code(), Some(2));
    assert_eq!(program(&["render", "a.wav"], folder).status.code(), Some(2));
    assert!(bench.content() == before);

    let output = program(&["render", "--quiet", "--force", "--out", "mix.wav", "a.wav"], folder);
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    assert_eq!(read(bench.path("mix.wav"))[0], [0.5; 480]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_program_and_leaves_nothing_behind() {
    let bench = Bench::new();
    // Long enough that nobody will wait for its end, and a hole on the disk.
    let stem = bench.ints("long.wav", 2, 16, RATE_HZ, &[0, 0]);
    let mut header = fs::read(&stem).unwrap();
    let data = header.windows(4).position(|id| id == b"data").unwrap();
    header[data + 4..data + 8].copy_from_slice(&1_000_000_000u32.to_le_bytes());
    fs::write(&stem, &header).unwrap();
    fs::OpenOptions::new().write(true).open(&stem).unwrap().set_len(1_000_001_000).unwrap();

    let mut child = Command::new(env!("CARGO_BIN_EXE_stem-render"))
        .args(["render", "--out", "mix.wav", "long.wav"])
        .current_dir(bench.folder())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let names = || fs::read_dir(bench.folder()).unwrap().map(|e| e.unwrap().file_name()).collect::<Vec<_>>();
    while names().len() == 1 {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it began");
        std::thread::yield_now();
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(names(), ["long.wav"]);
}

#[cfg(unix)]
#[test]
fn a_mix_has_the_permissions_of_any_other_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let stem = bench.wav("a.wav", &[vec![0.5], vec![0.5]]);
    run(&bench.job(std::slice::from_ref(&stem))).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
    assert_eq!(mode(&bench.path("mix.wav")), mode(&stem));
}

#[test]
fn stems_of_any_content_render_or_are_refused_by_name() {
    assert_any(any_file::stem);
}

#[test]
fn balances_of_any_content_render_or_are_refused_by_name() {
    assert_any(any_file::balance);
}

fn assert_any(survives: fn(&mut Random) -> bool) {
    let mut random = Random::new(1);
    let rendered = (0..1000).filter(|_| survives(&mut random)).count();
    assert!((100..900).contains(&rendered), "{rendered} of 1000 rendered: the damage is of one kind");
}

#[test]
fn a_stem_s_number_in_its_file_name_is_not_written_twice() {
    let name = |stem, file: &str| stemwright::render::stem_name(stem, Path::new(file));
    assert_eq!(name(0, "stems/01 Kick.wav"), "Kick");
    assert_eq!(name(1, "stems/01 Kick.wav"), "01 Kick", "another number may mean something");
    assert_eq!(name(9, "10 Bells.wav"), "Bells");
    assert_eq!(name(0, "Kick 01.wav"), "Kick 01");
}
