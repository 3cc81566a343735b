//! `stem-render measure`, through the library and through the built program.

mod support;

use serde_json::Value;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use stemwright::model::limits::STEMS;
use stemwright::render::{Figures, Job, Measure, Measurement, Render, RenderError};
use support::bench::{Bench, RATE_HZ};
use support::files::{Sound, flac};
use support::signals::{Stereo, both, constant, noise, sine};

impl Bench {
    fn mono_flac(&self, name: &str, samples: &[i32]) -> PathBuf {
        let sound = Sound { channels: 1, bits: 16, rate_hz: RATE_HZ, samples };
        self.write(name, flac(&sound))
    }
}

fn measure(files: &[PathBuf]) -> Result<Measurement, RenderError> {
    Measure::prepare(files)?.run(|_| ControlFlow::Continue(()))
}

fn program(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stem-render")).args(args).current_dir(folder).output().unwrap()
}

fn scaled(sound: &Stereo, gain: f32) -> Stereo {
    sound.each_ref().map(|side| side.iter().map(|x| gain * x).collect())
}

/// A sine of -23 dBFS at 1 kHz, which has -23 LUFS on both sides.
fn tone(seconds: f64, rate_hz: u32) -> Stereo {
    let rate_hz = f64::from(rate_hz);
    scaled(&both(sine(1_000.0, 0.3, rate_hz, (seconds * rate_hz) as usize)), 0.070_794_6)
}

#[track_caller]
fn near(found: f64, want: f64) {
    assert!((found - want).abs() < 0.05, "{found}, not {want}");
}

#[test]
fn a_tone_measures_what_it_is_at_every_rate() {
    let bench = Bench::new();
    for rate_hz in [44_100, 48_000, 88_200, 96_000, 192_000] {
        let file = bench.wav_at("03 Tone.wav", rate_hz, &tone(4.0, rate_hz));
        let Measurement { stems, mix, notices } = measure(std::slice::from_ref(&file)).unwrap();
        assert_eq!((stems[0].name.as_str(), mix.name.as_str()), ("03 Tone", "Mix"));
        for figures in [&stems[0], &mix] {
            near(figures.integrated_lufs, -23.0);
            near(figures.short_term_max_lufs, -23.0);
            near(figures.momentary_max_lufs, -23.0);
            near(figures.range_lu.unwrap(), 0.0);
            near(figures.sample_peak_dbfs, -23.0);
            // It begins abruptly, which leaves a ripple.
            assert!((-23.05..-22.0).contains(&figures.true_peak_dbtp), "{}", figures.true_peak_dbtp);
            near(figures.correlation.unwrap(), 1.0);
        }
        assert_eq!(notices, Vec::<String>::new());
    }
}

#[test]
fn the_mix_measures_as_the_file_that_a_render_makes_of_it() {
    let bench = Bench::new();
    let mut files: Vec<PathBuf> = (0..STEMS as u64 - 1)
        .map(|stem| {
            let frames = 200_000 - 9_000 * stem as usize;
            let sound = scaled(&[noise(2 * stem, frames), noise(stem, frames)], 0.5f32.powi(stem as i32));
            bench.wav(&format!("{stem}.wav"), &sound)
        })
        .collect();
    files.push(
        bench.mono_flac("mono.flac", &(0..9_000).map(|n| n * 7_919 % 20_011 - 10_000).collect::<Vec<_>>()),
    );
    for count in [1, 2, STEMS] {
        let mix = bench.path("mix.wav");
        let job = Job { stems: files[..count].to_vec(), mix: mix.clone(), replace: true, ..Job::default() };
        Render::prepare(&job).unwrap().run(|_| ControlFlow::Continue(())).unwrap();
        let of_mix = measure(&[mix]).unwrap().stems.remove(0);
        let measurement = measure(&files[..count]).unwrap();
        assert_eq!(measurement.mix, Figures { name: "Mix".to_owned(), ..of_mix });
        for (file, figures) in files.iter().zip(&measurement.stems) {
            let alone = measure(std::slice::from_ref(file)).unwrap().stems.remove(0);
            assert_eq!(figures, &Figures { name: figures.name.clone(), ..alone });
        }
    }
}

#[test]
fn correlation_and_peaks_are_those_of_both_sides() {
    let bench = Bench::new();
    let side = noise(5, 50_000);
    let opposite: Vec<f32> = side.iter().map(|x| -0.25 * x).collect();
    let figures = |sound: &Stereo| measure(&[bench.wav("a.wav", sound)]).unwrap().stems.remove(0);
    near(figures(&[side.clone(), opposite]).correlation.unwrap(), -1.0);
    near(figures(&[side.clone(), noise(6, 50_000)]).correlation.unwrap(), 0.0);
    let one_sided = figures(&[vec![0.0; 50_000], side]);
    assert_eq!(one_sided.correlation, None);
    assert!(one_sided.true_peak_dbtp > one_sided.sample_peak_dbfs && one_sided.sample_peak_dbfs > -0.1);
}

#[test]
fn what_is_odd_is_said_of_the_file_it_is_in() {
    let bench = Bench::new();
    let notice = |sound: &Stereo, said: &[&str]| {
        let found = measure(&[bench.wav("odd.wav", sound)]).unwrap();
        let text = found.notices.join("\n");
        for words in said.iter().chain(&["odd.wav"]) {
            assert!(text.contains(words), "\"{text}\" does not say \"{words}\"");
        }
        found.stems[0].clone()
    };
    let silent = notice(&constant(0.0, 50_000), &["silent from beginning to end"]);
    let levels = |f: &Figures| [f.integrated_lufs, f.short_term_max_lufs, f.momentary_max_lufs];
    assert_eq!(levels(&silent), [f64::NEG_INFINITY; 3]);
    assert_eq!((silent.range_lu, silent.correlation), (None, None));
    assert_eq!([silent.true_peak_dbtp, silent.sample_peak_dbfs], [f64::NEG_INFINITY; 2]);

    let short = notice(&tone(0.2, RATE_HZ), &["0.200 s", "below 0.4 s"]);
    assert_eq!(levels(&short), [f64::NEG_INFINITY; 3]);
    near(short.sample_peak_dbfs, -23.0);

    let faint = notice(&scaled(&tone(1.0, RATE_HZ), 1e-3), &["below -70 LUFS"]);
    near(faint.momentary_max_lufs, -83.0);

    let clipped =
        both(sine(100.0, 0.0, 48_000.0, 48_000).iter().map(|x| (1.2 * x).clamp(-1.0, 1.0)).collect());
    notice(&clipped, &["clipped: 400 times", "lower level"]);
    let touching = both([0.0, 1.0, -1.0, 0.0].repeat(10_000));
    assert_eq!(measure(&[bench.wav("loud.wav", &touching)]).unwrap().notices, Vec::<String>::new());

    let mut broken = tone(1.0, RATE_HZ);
    broken[1][20_000..20_010].fill(f32::NAN);
    broken[0][7] = f32::INFINITY;
    let figures = notice(&broken, &["11 samples are no numbers"]);
    assert!((figures.integrated_lufs + 23.0).abs() < 0.5, "{figures:?}");
}

#[test]
fn twins_and_a_sum_over_full_scale_are_said() {
    let bench = Bench::new();
    let sound = scaled(&[noise(1, 40_000), noise(2, 40_000)], 0.9);
    let files = [
        bench.wav("a.wav", &sound),
        bench.wav("b.wav", &scaled(&sound, -1.0)),
        bench.wav("c.wav", &sound),
        bench.wav("d.wav", &sound.each_ref().map(|side| side[..39_999].to_vec())),
    ];
    let notices = measure(&files).unwrap().notices;
    let [twin, over] = &notices[..] else { panic!("{notices:?}") };
    assert!(twin.contains("c.wav") && twin.contains("the same as") && twin.contains("a.wav"), "{twin}");
    assert!(over.starts_with("Mix: ") && over.contains("over full scale"), "{over}");
}

#[test]
fn what_cannot_be_measured_is_refused_by_name_with_the_cure() {
    let bench = Bench::new();
    let file = |name: &str, rate_hz| bench.wav_at(name, rate_hz, &tone(0.1, rate_hz));
    let refused = |files: &[PathBuf], said: &[&str]| {
        let message = measure(files).expect_err("this must be refused").to_string();
        for words in said {
            assert!(message.contains(words), "\"{message}\" does not say \"{words}\"");
        }
    };
    refused(&[], &["no stems", "name one"]);
    refused(&vec![file("a.wav", RATE_HZ); STEMS + 1], &["17 stems", "leave out"]);
    refused(&[bench.path("none.wav")], &["none.wav", "check its name"]);
    refused(&[file("a.wav", RATE_HZ), file("b.wav", 44_100)], &["b.wav has 44100 Hz", "resample"]);
}

#[test]
fn a_measurement_that_is_stopped_says_so() {
    let bench = Bench::new();
    let file = bench.wav("a.wav", &tone(2.0, RATE_HZ));
    let mut told = Vec::new();
    let result = Measure::prepare(&[file]).unwrap().run(|done| {
        told.push(done);
        if told.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(result, Err(RenderError::Interrupted)));
    assert!(told[0] < told[1] && told[1] < 96_000, "{told:?}");
}

#[test]
fn the_program_prints_json_of_exactly_these_keys_or_a_table() {
    let bench = Bench::new();
    let folder = bench.folder();
    bench.wav("01 Lead Vox.wav", &tone(4.0, RATE_HZ));
    bench.wav("Rest.wav", &constant(0.0, 9_000));
    let output = program(&["measure", "--json", "01 Lead Vox.wav", "Rest.wav"], folder);
    assert!(output.status.success(), "{output:?}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys = |value: &Value| {
        let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&json), ["mix", "stems"]);
    for figures in json["stems"].as_array().unwrap().iter().chain([&json["mix"]]) {
        assert_eq!(
            keys(figures),
            [
                "correlation",
                "integrated_lufs",
                "momentary_max_lufs",
                "name",
                "range_lu",
                "sample_peak_dbfs",
                "short_term_max_lufs",
                "true_peak_dbtp"
            ]
        );
    }
    let names: Vec<_> =
        json["stems"].as_array().unwrap().iter().map(|stem| stem["name"].as_str().unwrap()).collect();
    assert_eq!((names, json["mix"]["name"].as_str()), (vec!["Lead Vox", "Rest"], Some("Mix")));
    near(json["stems"][0]["integrated_lufs"].as_f64().unwrap(), -23.0);
    let rest = json["stems"][1].as_object().unwrap();
    assert!(rest.iter().all(|(key, value)| key == "name" || value.is_null()), "{rest:?}");

    let output = program(&["measure", "01 Lead Vox.wav", "Rest.wav"], folder);
    let (table, said) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 5, "{table}");
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{table}");
    assert!(
        lines[2].starts_with("Lead Vox ") && lines[2].contains("-23.0") && lines[2].ends_with("+1.00"),
        "{table}"
    );
    assert!(lines[3].contains("-inf") && lines[3].ends_with(" -"), "{table}");
    assert!(lines[4].starts_with("Mix "), "{table}");
    assert!(said.starts_with("warning: Rest.wav: it is silent"), "{said}");

    let output = program(&["measure", "01 Lead Vox.wav"], folder);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.lines().count() == 3 && !table.contains("Mix"), "one file is its own sum: {table}");

    let output = program(&["measure", "none.wav"], folder);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: none.wav"), "{output:?}");
    assert_eq!(program(&["measure"], folder).status.code(), Some(2));
}
