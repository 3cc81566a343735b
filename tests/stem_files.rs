//! Stems as FLAC and AIFF files: the same sound as from WAV, or a clear refusal.

mod support;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use stemwright::render::{Job, Render, RenderError};
use support::choose::Choose;
use support::files::{Sound, aiff, aiff_c, flac};
use support::random::Random;
use tempfile::TempDir;

fn write(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn wav(folder: &TempDir, sound: &Sound) -> PathBuf {
    let path = folder.path().join("same.wav");
    let spec = WavSpec {
        channels: sound.channels,
        sample_rate: sound.rate_hz,
        bits_per_sample: sound.bits,
        sample_format: SampleFormat::Int,
    };
    let mut writer = WavWriter::create(&path, spec).unwrap();
    sound.samples.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
    writer.finalize().unwrap();
    path
}

/// The mix of one stem, as bits, and its sample rate.
fn render(folder: &TempDir, stem: &Path) -> Result<(Vec<u32>, u32), RenderError> {
    let mix = folder.path().join("mix.wav");
    let job = Job { stems: vec![stem.to_owned()], mix: mix.clone(), replace: true, ..Job::default() };
    Render::prepare(&job)?.run(|_| ControlFlow::Continue(()))?;
    let mut reader = WavReader::open(mix).unwrap();
    let rate_hz = reader.spec().sample_rate;
    Ok((reader.samples::<f32>().map(|x| x.unwrap().to_bits()).collect(), rate_hz))
}

/// Samples of any size, the ends among them.
fn samples(bits: u16, count: usize) -> Vec<i32> {
    let mut random = Random::new(u64::from(bits));
    let shift = 32 - u32::from(bits);
    let mut samples: Vec<i32> = (0..count).map(|_| random.bits() as i32 >> shift).collect();
    samples[..4].copy_from_slice(&[i32::MIN >> shift, i32::MAX >> shift, 0, -1]);
    samples
}

#[test]
fn flac_and_aiff_stems_sound_bit_for_bit_as_their_wav_twins() {
    let folder = TempDir::new().unwrap();
    for channels in [1, 2] {
        for bits in [8, 16, 24, 32] {
            let samples = samples(bits, 2_000);
            let sound = Sound { channels, bits, rate_hz: 44_100, samples: &samples };
            let want = render(&folder, &wav(&folder, &sound)).unwrap();
            assert_eq!(want.0.len(), 2 * samples.len() / usize::from(channels));
            let found = render(&folder, &write(&folder, "stem.aiff", aiff(&sound))).unwrap();
            assert!(found == want, "AIFF, {channels} channels, {bits} bits");
            let little: Vec<u8> =
                samples.iter().flat_map(|x| x.to_le_bytes()[..usize::from(bits) / 8].to_vec()).collect();
            let found =
                render(&folder, &write(&folder, "stem.aifc", aiff_c(b"sowt", &sound, &little))).unwrap();
            assert!(found == want, "AIFF-C, {channels} channels, {bits} bits");
            if bits < 32 {
                let found = render(&folder, &write(&folder, "stem.flac", flac(&sound))).unwrap();
                assert!(found == want, "FLAC, {channels} channels, {bits} bits");
            }
        }
    }
}

#[test]
fn floats_of_an_aiff_file_are_not_clipped() {
    let folder = TempDir::new().unwrap();
    let floats = [0.25f32, -3.5, 1e-20, 7.0];
    let bytes: Vec<u8> = floats.iter().flat_map(|x| x.to_be_bytes()).collect();
    let sound = Sound { channels: 2, bits: 32, rate_hz: 96_000, samples: &[0; 4] };
    let (mix, rate_hz) =
        render(&folder, &write(&folder, "stem.aifc", aiff_c(b"fl32", &sound, &bytes))).unwrap();
    assert_eq!((mix, rate_hz), (floats.map(f32::to_bits).to_vec(), 96_000));
}

#[test]
fn files_are_known_by_what_they_hold_and_not_by_their_names() {
    let folder = TempDir::new().unwrap();
    let sound = Sound { channels: 2, bits: 16, rate_hz: 48_000, samples: &[1, 2, 3, 4] };
    for bytes in [aiff(&sound), flac(&sound)] {
        assert_eq!(render(&folder, &write(&folder, "stem.wav", bytes)).unwrap().0.len(), 4);
    }
}

#[track_caller]
fn refuses(bytes: impl AsRef<[u8]>, said: &[&str]) {
    let folder = TempDir::new().unwrap();
    let message =
        render(&folder, &write(&folder, "bad.file", bytes)).expect_err("this must be refused").to_string();
    for words in said.iter().chain(&["bad.file"]) {
        assert!(message.contains(words), "\"{message}\" does not say \"{words}\"");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something was left behind");
}

#[test]
fn lossy_and_damaged_files_are_refused_by_name_with_the_cure() {
    refuses([b"ID3\x04", &[0; 40][..]].concat(), &["MP3", "export it as WAV"]);
    refuses([0xFF, 0xFB, 0x90, 0x64].repeat(30), &["MP3", "export it as WAV"]);
    refuses([b"OggS", &[0; 40][..]].concat(), &["Ogg", "export it as WAV"]);
    refuses([b"\0\0\0\x20ftypM4A ", &[0; 40][..]].concat(), &["MP4", "export it as WAV"]);

    let samples = samples(16, 2_000);
    let sound = |channels, rate_hz| Sound { channels, bits: 16, rate_hz, samples: &samples };
    let (whole_aiff, whole_flac) = (aiff(&sound(2, 48_000)), flac(&sound(2, 48_000)));
    refuses(&whole_aiff[..whole_aiff.len() - 300], &["cut off", "4000 bytes", "again"]);
    refuses(&whole_aiff[..50], &["AIFF", "ends before", "again"]);
    refuses(aiff(&sound(8, 48_000)), &["8 channels", "mono or stereo"]);
    refuses(aiff(&sound(2, 400_000)), &["400000 Hz", "resample"]);
    let empty = Sound { channels: 2, bits: 16, rate_hz: 48_000, samples: &[] };
    refuses(aiff(&empty), &["no audio"]);
    refuses(aiff_c(b"ulaw", &sound(2, 48_000), &[0; 4_000]), &["AIFF", "compressed", "export it again"]);
    refuses(aiff_c(b"fl64", &sound(2, 48_000), &[0; 4_000]), &["AIFF", "64 bits", "export it again"]);

    refuses(&whole_flac[..whole_flac.len() - 300], &["FLAC", "cut off", "1000 frames", "export it again"]);
    refuses(&whole_flac[..30], &["FLAC", "cut off", "export it again"]);
    refuses(flac(&sound(8, 48_000)), &["8 channels", "mono or stereo"]);
    let mut broken = whole_flac.clone();
    broken[1_500] ^= 0x40;
    refuses(broken, &["FLAC", "of 1000 frames", "export it again"]);
    let mut endless = whole_flac.clone();
    endless[4 + 4 + 13] &= 0xF0;
    endless[4 + 4 + 14..][..4].fill(0);
    refuses(endless, &["FLAC", "how long it is", "export it again"]);
}

#[test]
fn flac_and_aiff_files_of_any_content_render_or_are_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let samples = samples(16, 1_200);
    let sound = |channels| Sound { channels, bits: 16, rate_hz: 48_000, samples: &samples };
    let files = [aiff(&sound(1)), aiff(&sound(2)), flac(&sound(1)), flac(&sound(2))];
    let files = files.each_ref().map(|file| &file[..]);
    let mut random = Random::new(5);
    let rendered = (0..2_000).filter(|_| {
        let path = write(&folder, "any.file", random.bytes(&files));
        match render(&folder, &path) {
            Ok((mix, _)) => !mix.is_empty(),
            // A header may promise more than any mix can hold.
            Err(RenderError::TooLong { .. }) => false,
            Err(error) => {
                let message = error.to_string();
                assert!(message.contains("any.file") && message.len() < 1_000, "{message}");
                false
            }
        }
    });
    let rendered = rendered.count();
    assert!((200..1_800).contains(&rendered), "{rendered} of 2000 rendered: the damage is of one kind");
}
