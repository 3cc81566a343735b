//! How the editor's window was left, so that a project opens as it was closed.

use super::limits::{MAX_WINDOW_POINTS, MIN_WINDOW_POINTS, STEMS, WINDOW_POINTS, ZOOMS_PERCENT};
use serde_json::{Map, Value, json};

/// What the window's main part shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// A strip for every stem.
    #[default]
    Console,
    /// A disc for every stem, placed by pan and level.
    Stage,
    /// What was learned of the song, and the balance proposed for it.
    Balance,
    /// What comes in at the inputs.
    Routing,
    /// What a recording of the song tells: faults, clashes, its contour.
    Analysis,
}

impl Page {
    const WORDS: [(Self, &'static str); 5] = [
        (Self::Console, "console"),
        (Self::Stage, "stage"),
        (Self::Balance, "balance"),
        (Self::Routing, "routing"),
        (Self::Analysis, "analysis"),
    ];
}

/// The window and what it shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Width and height in points at 100 %.
    pub size_points: [f32; 2],
    /// One of [`ZOOMS_PERCENT`].
    pub zoom_percent: u32,
    /// What its main part shows.
    pub page: Page,
    /// The stem (0 to 15) whose details are shown, once one was chosen.
    pub selected: Option<usize>,
    /// Unused stems are shown too.
    pub shows_all: bool,
    /// The console's lower part shows tone and details of the selected stem.
    pub inspects: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            size_points: WINDOW_POINTS,
            zoom_percent: 100,
            page: Page::Console,
            selected: None,
            shows_all: false,
            inspects: true,
        }
    }
}

impl View {
    /// As it stands in a document.
    pub fn to_value(&self) -> Value {
        let word = Page::WORDS.iter().find(|(page, _)| *page == self.page).map_or("console", |(_, w)| w);
        let [width, height] = self.size_points.map(|side| side.round() as i64);
        json!({
            "size": [width, height],
            "zoom": self.zoom_percent,
            "page": word,
            "selected": self.selected.map(|stem| stem + 1),
            "shows_all": self.shows_all,
            "inspects": self.inspects,
        })
    }

    /// Reads what is there and possible. The rest keeps its default, without a word: nobody hears it.
    pub fn from_value(value: &Value) -> Self {
        let mut view = Self::default();
        let nothing = Map::new();
        let map = value.as_object().unwrap_or(&nothing);
        let number = |value: &Value| value.as_f64().filter(|v| v.is_finite());
        if let Some([width, height]) = map.get("size").and_then(Value::as_array).map(Vec::as_slice)
            && let (Some(width), Some(height)) = (number(width), number(height))
        {
            view.resize([width as f32, height as f32]);
        }
        let zoom = map.get("zoom").and_then(Value::as_u64).and_then(|zoom| u32::try_from(zoom).ok());
        view.zoom_percent = zoom.filter(|zoom| ZOOMS_PERCENT.contains(zoom)).unwrap_or(view.zoom_percent);
        let word = map.get("page").and_then(Value::as_str).unwrap_or_default();
        view.page = Page::WORDS.iter().find(|(_, w)| *w == word).map_or(view.page, |(page, _)| *page);
        let selected = map.get("selected").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        view.selected = selected.and_then(|n| n.checked_sub(1)).filter(|stem| *stem < STEMS);
        let flag = |name: &str, or: bool| map.get(name).and_then(Value::as_bool).unwrap_or(or);
        view.shows_all = flag("shows_all", view.shows_all);
        view.inspects = flag("inspects", view.inspects);
        view
    }

    /// Takes a size in points, no smaller than what has room for everything.
    pub fn resize(&mut self, size_points: [f32; 2]) {
        for (at, side) in size_points.into_iter().enumerate() {
            self.size_points[at] = side.clamp(MIN_WINDOW_POINTS[at], MAX_WINDOW_POINTS[at]);
        }
    }
}
