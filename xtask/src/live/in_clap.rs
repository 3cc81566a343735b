//! The editor of the built CLAP plugin.

use super::x11::{Display, colours, until};
use super::{count, in_vst3};
use crate::bench::resident_bytes;
use crate::clap_host::{ClapHost, Gesture};
use crate::synth::{RATE_HZ, Sound};
use crate::{picture, piece};
use anyhow::{Context, Result, ensure};
use std::f32::consts::TAU;
use std::iter;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use stemwright::analysis::{Study, StudyState};
use stemwright::editor::picture::Picture;
use stemwright::editor::still::Still;
use stemwright::model::document::Document;
use stemwright::model::limits::{STEMS, WINDOW_POINTS};
use stemwright::model::view::Page;
use stemwright::sync::Stretch;

const BLOCK: usize = 512;
/// The control that is dragged, and how far: in pixels at 96 to an inch, downwards.
const FADER: &str = "Stem 01 Fader";
const DRAG: f32 = 45.0;
/// Pixels from one move of the mouse to the next.
const STEP: f32 = 3.0;

/// An instance in the host, and the window of its editor while one is open.
struct Live<'a> {
    host: ClapHost,
    display: &'a Display,
    corner: usize,
    window: Option<u32>,
    /// A block of every stem.
    sound: Vec<Sound>,
}

impl<'a> Live<'a> {
    /// Ten named stems, of which the first sounds, without an editor.
    fn open(display: &'a Display, bundle: &Path, corner: usize) -> Result<Self> {
        let mut host = ClapHost::open(bundle)?;
        host.load_state(piece::balance().to_json().as_bytes())?;
        host.activate(f64::from(RATE_HZ), BLOCK)?;
        let mut sound = vec![Sound::silent(BLOCK); STEMS];
        for side in &mut sound[0].sides {
            // Four waves to a block, so that the next block goes on where this one ends.
            let wave = |frame| 0.25 * (TAU * 4.0 * frame as f32 / BLOCK as f32).sin();
            *side = (0..BLOCK).map(wave).collect();
        }
        Ok(Self { host, display, corner, window: None, sound })
    }

    /// Opens the editor and waits until it is drawn.
    fn show(&mut self) -> Result<u32> {
        self.show_after(Duration::ZERO)
    }

    /// The same in a host that takes its time between making the editor and showing it.
    fn show_after(&mut self, pause: Duration) -> Result<u32> {
        let size = self.host.make_editor()?;
        thread::sleep(pause);
        let window = self.display.window(self.corner, size)?;
        self.window = Some(window);
        self.host.show_editor(window)?;
        until("the editor is drawn", || Ok(self.display.is_drawn(window)?.then_some(())))?;
        Ok(window)
    }

    fn close(&mut self) -> Result<()> {
        self.host.close_editor()?;
        let Some(window) = self.window.take() else { return Ok(()) };
        // At once: a host may unload the plugin or end right now.
        ensure!(self.display.embedded(window)?.is_none(), "the editor is closed and its window still there");
        self.display.destroy(window)
    }

    /// Plays a block and answers the mix's level.
    fn level_db(&mut self) -> Result<f32> {
        let sides: Vec<[&[f32]; 2]> =
            self.sound.iter().map(|s| s.sides.each_ref().map(Vec::as_slice)).collect();
        let ports: Vec<&[&[f32]]> = sides.iter().map(|port| &port[..]).collect();
        let mix = self.host.process(&ports, &[], BLOCK)?;
        let power = mix[0].iter().map(|x| x * x).sum::<f32>() / BLOCK as f32;
        Ok(10.0 * power.log10())
    }

    /// Plays until the level stands still.
    fn settled_db(&mut self) -> Result<f32> {
        let mut last = f32::NAN;
        until("the level stands still", || {
            let level = self.level_db()?;
            let still = (level - last).abs() < 1e-4;
            last = level;
            Ok(still.then_some(level))
        })
    }

    /// Takes the fader with the mouse and moves it down, without letting go.
    fn pull(&mut self) -> Result<()> {
        let window = self.window.context("the editor is open")?;
        let [x, y] = picture::place(&piece::balance(), FADER).context("the editor has the fader")?;
        self.display.point(window, [x, y])?;
        self.display.press(true)?;
        self.wait_for("the host hears that a gesture begins", |g| g == Gesture::Begin)?;
        for step in 1..=(DRAG / STEP) as usize {
            self.display.point(window, [x, y + STEP * step as f32])?;
            let told = self.host.gestures.len();
            until("the host hears a value", || {
                self.level_db()?;
                Ok((self.host.gestures.len() > told).then_some(()))
            })?;
        }
        Ok(())
    }

    fn wait_for(&mut self, what: &str, wanted: impl Fn(Gesture) -> bool) -> Result<()> {
        until(what, || {
            self.level_db()?;
            Ok(self.host.gestures.iter().any(|(_, gesture)| wanted(*gesture)).then_some(()))
        })
    }

    /// Holds that what the host heard is one gesture of the fader, downwards. Answers how many values it had.
    fn one_gesture(&mut self) -> Result<usize> {
        self.wait_for("the host hears that the gesture is over", |g| g == Gesture::End)?;
        let told = std::mem::take(&mut self.host.gestures);
        let fader =
            self.host.params.iter().find(|p| p.name.starts_with(FADER)).context("there is a fader")?;
        let id = fader.id;
        let is_whole = matches!(told[..], [(_, Gesture::Begin), .., (_, Gesture::End)]);
        ensure!(is_whole && told.iter().all(|(param, _)| *param == id), "no gesture of {id} alone: {told:?}");
        let values: Option<Vec<f64>> = told[1..told.len() - 1]
            .iter()
            .map(|(_, gesture)| if let Gesture::Value(v) = gesture { Some(*v) } else { None })
            .collect();
        let values = values.with_context(|| format!("one gesture within another: {told:?}"))?;
        ensure!(!values.is_empty() && values.is_sorted_by(|a, b| a > b), "it does not fall: {values:?}");
        Ok(values.len())
    }
}

/// A fader is dragged.
///
/// # Errors
/// If the mix does not follow, or the host hears anything but one gesture.
pub fn drag(bundle: &Path) -> Result<()> {
    let display = Display::open()?;
    let mut live = Live::open(&display, bundle, 0)?;
    live.show()?;
    let before = live.settled_db()?;
    live.pull()?;
    let held = live.settled_db()?;
    ensure!(held < before - 3.0, "with the fader in the hand {held:.2} dB, before {before:.2} dB");
    display.press(false)?;
    let values = live.one_gesture()?;
    let after = live.settled_db()?;
    ensure!((after - held).abs() < 0.01, "let go, it goes from {held:.2} to {after:.2} dB");
    println!("  from {before:.2} to {after:.2} dB in one gesture of {values} values");
    live.close()
}

/// A song is recorded by the mouse, and a cure of what was found is heard.
///
/// # Errors
/// If what is late is not found, or its cure does not reach the host.
pub fn record(bundle: &Path) -> Result<()> {
    const BLOCKS: usize = 600;
    const LATE: usize = 480;
    let frames = BLOCKS * BLOCK;
    let mut random = 1u32;
    let noise: Vec<f32> = iter::repeat_with(|| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        0.1 * (random as f32 / u32::MAX as f32 - 0.5)
    })
    .take(frames)
    .collect();
    let late = [vec![0.0; LATE], noise[..frames - LATE].to_vec()].concat();

    // What the editor will show, so that it is known where its buttons are.
    let mut document = Document::default();
    (document.stems[0].name, document.stems[1].name) = ("Close".to_owned(), "Room".to_owned());
    document.view.page = Page::Analysis;
    let mut study = Study::new(f64::from(RATE_HZ), Default::default());
    let mut stretch = Stretch { scenes: vec![0; frames], ..Stretch::default() };
    for side in stretch.inputs.as_flattened_mut().iter_mut().chain(stretch.parts.as_flattened_mut()) {
        side.resize(frames, 0.0);
    }
    (stretch.inputs[0], stretch.inputs[1]) = ([noise.clone(), noise.clone()], [late.clone(), late.clone()]);
    study.process(&stretch);
    let song = Some(Arc::new(study.song(None, false, true)));
    let study = StudyState { song, ..StudyState::default() };
    let still = Still { document: document.clone(), study, ..Still::default() };
    let [button, cure] = ["Record the song", "Cure 1: offset"].map(|label| picture::place_in(&still, label));
    let (button, cure) = (button.context("a button that records")?, cure.context("a cure")?);

    let display = Display::open()?;
    let mut live = Live::open(&display, bundle, 0)?;
    live.host.load_state(document.to_json().as_bytes())?;
    let window = live.show()?;
    let threads = count("task")?;
    let click = |place| -> Result<()> {
        display.point(window, place)?;
        display.press(true)?;
        display.press(false)
    };
    click(button)?;
    until("a thread studies", || Ok((count("task")? > threads).then_some(())))?;
    let start = Instant::now();
    for block in 0..BLOCKS {
        let part = block * BLOCK..(block + 1) * BLOCK;
        for (stem, sound) in [&noise, &late].into_iter().enumerate() {
            live.sound[stem].sides = [0, 1].map(|_| sound[part.clone()].to_vec());
        }
        live.level_db()?;
        // A ring is between them: play no faster than a host does.
        let due = Duration::from_secs_f64((block * BLOCK) as f64 / f64::from(RATE_HZ));
        thread::sleep(due.saturating_sub(start.elapsed()));
    }
    click(button)?;
    until("the study is over", || Ok((count("task")? == threads).then_some(())))?;
    live.host.gestures.clear();
    // Where the list is not drawn yet, the click goes to nothing.
    until("the cure reaches the host", || {
        click(cure)?;
        live.level_db()?;
        Ok(live.host.gestures.iter().any(|(_, gesture)| matches!(gesture, Gesture::End)).then_some(()))
    })?;
    let delay = live.host.params.iter().find(|p| p.name.starts_with("Stem 01 Delay")).context("a delay")?.id;
    let told = std::mem::take(&mut live.host.gestures);
    ensure!(told.iter().all(|(param, _)| *param == delay), "something else than the delay was set: {told:?}");
    let value = live.host.value(delay).context("its value")?;
    let text = live.host.value_to_text(delay, value).context("in words")?;
    ensure!(text.starts_with("10.0"), "{LATE} frames late, and the others are to wait for {text}");
    println!(
        "  recorded {:.1} s; {LATE} frames late, and the others wait for {text}",
        frames as f32 / RATE_HZ as f32
    );
    live.close()
}

/// The editor closes while a fader is dragged, and opens again.
///
/// # Errors
/// If the gesture is not ended, or the next editor is not as good as the first.
pub fn close_in_drag(bundle: &Path) -> Result<()> {
    let display = Display::open()?;
    let mut live = Live::open(&display, bundle, 0)?;
    for _ in 0..3 {
        live.host.load_state(piece::balance().to_json().as_bytes())?; // the fader is up again
        live.show()?;
        live.pull()?;
        live.close()?;
        let values = live.one_gesture()?;
        display.press(false)?;
        println!("  closed after {values} values; the host heard the end");
    }
    Ok(())
}

/// What a window leaves behind each time, in MB: the window library makes a map of the keyboard and never
/// gives it back (baseview 0.4.2, `wrappers/xkbcommon.rs`; heaptrack finds nothing else that grows).
const KEYBOARD_MB: f64 = 0.095;

/// The editor opens and closes many times.
///
/// # Errors
/// If it needs more memory, threads or files from time to time.
pub fn reopen(bundle: &Path) -> Result<()> {
    const WARM: usize = 20;
    const TIMES: usize = 200;
    const MOST_PERCENT: f64 = 5.0;
    let used = || -> Result<_> {
        let bytes = resident_bytes().context("the system tells how much memory is in use")?;
        Ok((bytes as f64 / 1e6, count("task")?, count("fd")?))
    };
    let display = Display::open()?;
    let mut live = Live::open(&display, bundle, 0)?;
    let mut warm = used()?;
    let start = Instant::now();
    for time in 1..=TIMES {
        live.show()?;
        live.level_db()?;
        live.close()?;
        if time == WARM {
            warm = used()?;
        }
    }
    let each_ms = start.elapsed().as_secs_f64() * 1e3 / TIMES as f64;
    let (warm_mb, warm_threads, warm_files) = warm;
    let (mb, threads, files) = used()?;
    let keyboards_mb = KEYBOARD_MB * (TIMES - WARM) as f64;
    let percent = ((mb - keyboards_mb) / warm_mb - 1.0) * 100.0;
    println!(
        "  {warm_mb:.1} MB, {warm_threads} threads, {warm_files} files after {WARM} times; {mb:.1} MB, \
         {threads} threads, {files} files after {TIMES}; {percent:+.1} % without keyboards; {each_ms:.0} ms each"
    );
    ensure!(percent <= MOST_PERCENT, "its memory grows");
    ensure!((threads, files) == (warm_threads, warm_files), "its threads or files grow");
    Ok(())
}

/// A host makes the editor long before it shows it.
///
/// # Errors
/// If it stays black.
pub fn slow_host(bundle: &Path) -> Result<()> {
    let display = Display::open()?;
    let mut live = Live::open(&display, bundle, 0)?;
    for pause_ms in [30, 100, 500] {
        live.show_after(Duration::from_millis(pause_ms))?;
        live.pull()?;
        display.press(false)?;
        live.one_gesture()?;
        live.close()?;
        live.host.load_state(piece::balance().to_json().as_bytes())?; // the fader is up again
        println!("  shown {pause_ms} ms after it was made: it is drawn, and lives");
    }
    Ok(())
}

/// Two instances, each with its editor.
///
/// # Errors
/// If one does not answer, or both answer to one hand.
pub fn two(bundle: &Path) -> Result<()> {
    let display = Display::open()?;
    let mut both = [Live::open(&display, bundle, 0)?, Live::open(&display, bundle, 1)?];
    for live in &mut both {
        live.show()?;
    }
    for hand in [0, 1] {
        let before = [both[0].settled_db()?, both[1].settled_db()?];
        both[hand].pull()?;
        display.press(false)?;
        both[hand].one_gesture()?;
        let [moved, other] = [hand, 1 - hand].map(|at| (at, both[at].settled_db()));
        let ((at, moved), (_, other)) = (moved, other);
        let (moved, other) = (moved? - before[at], other? - before[1 - at]);
        ensure!(moved < -3.0 && other.abs() < 0.01, "{moved:.2} dB here and {other:.2} dB there");
        ensure!(both[1 - hand].host.gestures.is_empty(), "the other's host heard something");
        println!("  editor {}: {moved:.2} dB here, {other:.2} dB there", hand + 1);
    }
    both[0].close()?;
    both[1].pull()?;
    display.press(false)?;
    both[1].one_gesture()?;
    both[1].close()
}

/// An instance is destroyed with its editor open, or the editor's window before the editor.
///
/// # Errors
/// If anything is left of it, or it cannot be opened again.
pub fn destroy(bundle: &Path) -> Result<()> {
    let display = Display::open()?;
    let _stays = ClapHost::open(bundle)?; // the library stays loaded
    let threads = count("task")?;
    for _ in 0..3 {
        let mut live = Live::open(&display, bundle, 0)?;
        let window = live.show()?;
        drop(live);
        until("the editor's window is gone", || Ok(display.embedded(window)?.is_none().then_some(())))?;
        until("its thread is gone", || Ok((count("task")? == threads).then_some(())))?;
        display.destroy(window)?;
    }
    println!("  destroyed with its editor: its window and thread are gone");
    let mut live = Live::open(&display, bundle, 0)?;
    for _ in 0..3 {
        let window = live.show()?;
        display.destroy(window)?;
        live.window = None;
        for _ in 0..20 {
            live.level_db()?;
        }
        live.close()?;
    }
    live.show()?;
    live.close()?;
    println!("  its window was destroyed first: it opens again");
    Ok(())
}

/// The editor on a display of 192 pixels to an inch.
///
/// # Errors
/// If the window has not twice the size, or what it shows is not what it should be.
pub fn scale(bundle: &Path) -> Result<()> {
    let display = Display::open()?;
    display.set_dpi(Some(192))?;
    let result = scaled(&display, bundle).and_then(|()| in_vst3::scaled(&display));
    display.set_dpi(None)?;
    result
}

fn scaled(display: &Display, bundle: &Path) -> Result<()> {
    let mut live = Live::open(display, bundle, 0)?;
    let window = live.show()?;
    let wanted = WINDOW_POINTS.map(|points| points as u32 * 2);
    let outer = display.size(window)?;
    let inner = display.size(display.embedded(window)?.context("the editor has a window")?)?;
    ensure!((outer, inner) == (wanted, wanted), "the host made room for {outer:?}, the editor is {inner:?}");
    let seen = live.display.picture(window)?;
    let differing = difference(&seen, &picture::at_rest(&piece::balance(), 2.0))?;
    println!(
        "  {}x{} pixels, of which {:.1} % differ from the editor without a window",
        seen.width,
        seen.height,
        differing * 100.0
    );
    ensure!(differing < 0.02, "it shows something else");
    live.close()
}

/// The part of the pixels that look different in two pictures.
fn difference(a: &Picture, b: &Picture) -> Result<f64> {
    ensure!((a.width, a.height) == (b.width, b.height), "pictures of two sizes");
    let pairs = a.rgba.chunks_exact(4).zip(b.rgba.chunks_exact(4));
    let differs = |(a, b): &(&[u8], &[u8])| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 32);
    Ok(pairs.filter(differs).count() as f64 / (a.width * a.height) as f64)
}

/// Saves a picture of ten stems playing.
///
/// # Errors
/// If it shows nothing or cannot be written.
pub fn picture(bundle: &Path, to: &Path) -> Result<()> {
    const SECONDS: usize = 3;
    let display = Display::open()?;
    let mut live = Live::open(&display, bundle, 0)?;
    live.host.load_state(halfway().to_json().as_bytes())?;
    let window = live.show()?;
    let sounds: Vec<Sound> = piece::PARTS.iter().map(piece::Part::sound).collect();
    let start = Instant::now();
    for block in 0..SECONDS * RATE_HZ as usize / BLOCK {
        let from = piece::HALFWAY - SECONDS * RATE_HZ as usize + block * BLOCK;
        for (now, sound) in live.sound.iter_mut().zip(&sounds) {
            now.sides = sound.sides.each_ref().map(|side| side[from..from + BLOCK].to_vec());
        }
        live.level_db()?;
        // The meters fall by the clock, so the sound has to keep to it.
        let due = Duration::from_secs_f64((block * BLOCK) as f64 / f64::from(RATE_HZ));
        thread::sleep(due.saturating_sub(start.elapsed()));
    }
    let seen = display.picture(window)?;
    let colours = colours(&seen);
    ensure!(colours > 500, "the picture has {colours} colours");
    picture::save(&seen, to)?;
    println!("  {}: {}x{} pixels of {colours} colours", to.display(), seen.width, seen.height);
    live.close()
}

/// The piece's balance after the rides of its first half.
fn halfway() -> Document {
    let mut document = piece::balance();
    for ride in piece::rides() {
        let [start, end] = ride.frames;
        let share = (piece::HALFWAY as f32 - start as f32) / (end as f32 - start as f32).max(1.0);
        if share >= 0.0 {
            let [from, to] = ride.values;
            document.mix.set(ride.key, from + (to - from) * share.min(1.0));
        }
    }
    document
}
