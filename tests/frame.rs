//! What a frame of the editor costs.
#![cfg(feature = "plugin")]

mod support;

use egui::{Context, Pos2, RawInput, Rect, vec2};
use stemwright::editor::screen::Screen;
use stemwright::editor::still::Still;
use stemwright::editor::theme;
use stemwright::model::limits::STEMS;
use stemwright::model::view::Page;
use support::no_alloc::allocations;

#[global_allocator]
static ALLOCATOR: support::no_alloc::Watched = support::no_alloc::Watched;

#[test]
fn a_frame_allocates_no_more_than_its_shapes_need_and_no_more_with_time() {
    for (page, most) in [(Page::Console, 4_200), (Page::Stage, 1_900), (Page::Routing, 950)] {
        let mut playing = Still::default();
        for (stem, info) in playing.document.stems.iter_mut().enumerate() {
            info.rename(&format!("Part {stem}"));
        }
        playing.document.view.page = page;
        playing.meters.set_connected(0xffff);
        playing.meters.set_sounding(0xffff);
        let ctx = Context::default();
        theme::install(&ctx);
        let mut screen = Screen::default();
        let mut frame = |at: u32| {
            for stem in 0..STEMS {
                let peak = 0.1 + 0.05 * (0.1 * f64::from(at) + stem as f64).sin() as f32;
                playing.meters.raise_stem(stem, [peak, 0.9 * peak]);
            }
            let input = RawInput {
                screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1180.0, 720.0))),
                time: Some(f64::from(at) / 30.0),
                ..Default::default()
            };
            let (mut output, count) = allocations(|| ctx.run_ui(input, |ui| screen.ui(ui, &playing)));
            output.textures_delta.clear(); // nobody draws here
            count
        };
        let first: Vec<usize> = (0..300).map(&mut frame).skip(30).collect();
        let later: Vec<usize> = (300..600).map(&mut frame).collect();
        let [first, later] = [first, later].map(|mut counts| {
            counts.sort_unstable();
            counts[counts.len() / 2]
        });
        println!("{page:?}: {first} allocations in a frame, {later} later");
        assert!(later <= most, "{page:?}: {later}");
        assert!(later <= first + first / 20, "{page:?}: {first}, later {later}");
    }
}
