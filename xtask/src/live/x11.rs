//! A display of X11: windows, a pointer and a camera.

use anyhow::{Context, Result, bail, ensure};
use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};
use stemwright::editor::picture::Picture;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::*;
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// By then everything has come that will come.
const DEADLINE: Duration = Duration::from_secs(20);
/// Between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(5);
/// The left button.
const BUTTON: u8 = 1;
/// Where windows are put, so that all of them can be seen and pointed at.
const CORNERS: [[i32; 2]; 2] = [[40, 40], [1300, 40]];

/// Looks until there is something to see.
///
/// # Errors
/// If there is nothing in good time, or a look fails.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(seen) = look()? {
            return Ok(seen);
        }
        if start.elapsed() > DEADLINE {
            bail!("waited in vain until {what}");
        }
        thread::sleep(LOOK);
    }
}

/// The display that the environment names.
pub struct Display {
    x: RustConnection,
    root: Window,
}

impl Display {
    /// Connects, with no button down from a check that failed.
    ///
    /// # Errors
    /// If there is none.
    pub fn open() -> Result<Self> {
        let (x, screen) = RustConnection::connect(None).context("connecting to the X11 display")?;
        let root = x.setup().roots[screen].root;
        let display = Self { x, root };
        display.press(false)?;
        Ok(display)
    }

    /// A window of ours in one of the screen's corners, once it is to be seen.
    ///
    /// # Errors
    /// If the display refuses.
    pub fn window(&self, corner: usize, [width, height]: [u32; 2]) -> Result<Window> {
        let window = self.x.generate_id()?;
        let [left, top] = CORNERS[corner];
        let (w, h) = (u16::try_from(width)?, u16::try_from(height)?);
        let look = CreateWindowAux::new().background_pixel(0);
        let depth = x11rb::COPY_DEPTH_FROM_PARENT;
        let class = WindowClass::INPUT_OUTPUT;
        self.x.create_window(depth, window, self.root, left as i16, top as i16, w, h, 0, class, 0, &look)?;
        let hints = x11rb::properties::WmSizeHints {
            position: Some((x11rb::properties::WmSizeHintsSpecification::UserSpecified, left, top)),
            ..Default::default()
        };
        hints.set_normal_hints(&self.x, window)?;
        self.x.change_property8(PropMode::REPLACE, window, AtomEnum::WM_NAME, AtomEnum::STRING, b"Host")?;
        self.x.map_window(window)?.check()?;
        until("our window is to be seen", || Ok(self.is_viewable(window)?.then_some(())))?;
        Ok(window)
    }

    /// Takes a window of ours away, with what is in it.
    ///
    /// # Errors
    /// If the display refuses.
    pub fn destroy(&self, window: Window) -> Result<()> {
        Ok(self.x.destroy_window(window)?.check()?)
    }

    fn is_viewable(&self, window: Window) -> Result<bool> {
        Ok(self.x.get_window_attributes(window)?.reply()?.map_state == MapState::VIEWABLE)
    }

    /// The window that a plugin put into ours, if there is one.
    ///
    /// # Errors
    /// If the display refuses.
    pub fn embedded(&self, window: Window) -> Result<Option<Window>> {
        Ok(self.x.query_tree(window)?.reply()?.children.first().copied())
    }

    /// A window's width and height in pixels.
    ///
    /// # Errors
    /// If it is gone.
    pub fn size(&self, window: Window) -> Result<[u32; 2]> {
        let geometry = self.x.get_geometry(window)?.reply()?;
        Ok([geometry.width.into(), geometry.height.into()])
    }

    /// Gives a window another size.
    ///
    /// # Errors
    /// If it is gone.
    pub fn resize(&self, window: Window, [width, height]: [u32; 2]) -> Result<()> {
        let size = ConfigureWindowAux::new().width(width).height(height);
        Ok(self.x.configure_window(window, &size)?.check()?)
    }

    /// Moves the pointer to a place in a window.
    ///
    /// # Errors
    /// If the display refuses.
    pub fn point(&self, window: Window, [x, y]: [f32; 2]) -> Result<()> {
        let at = self.x.translate_coordinates(window, self.root, x as i16, y as i16)?.reply()?;
        self.fake(MOTION_NOTIFY_EVENT, 0, at.dst_x, at.dst_y)
    }

    /// Presses or lets go of the left button.
    ///
    /// # Errors
    /// If the display refuses.
    pub fn press(&self, down: bool) -> Result<()> {
        self.fake(if down { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT }, BUTTON, 0, 0)
    }

    fn fake(&self, event: u8, detail: u8, x: i16, y: i16) -> Result<()> {
        Ok(self.x.xtest_fake_input(event, detail, 0, self.root, x, y, 0)?.check()?)
    }

    /// What is to be seen of a window.
    ///
    /// # Errors
    /// If it is not on the screen as a whole.
    pub fn picture(&self, window: Window) -> Result<Picture> {
        let [width, height] = self.size(window)?;
        self.cutout(window, [width, height])
    }

    /// Whether something was drawn in a window's upper left part.
    ///
    /// # Errors
    /// If it is not on the screen.
    pub fn is_drawn(&self, window: Window) -> Result<bool> {
        Ok(colours(&self.cutout(window, [400, 100])?) > 4)
    }

    fn cutout(&self, window: Window, [width, height]: [u32; 2]) -> Result<Picture> {
        // Of the root: pictures of a window leave out what is inside it and of another depth.
        let at = self.x.translate_coordinates(window, self.root, 0, 0)?.reply()?;
        let (w, h) = (u16::try_from(width)?, u16::try_from(height)?);
        let image = self.x.get_image(ImageFormat::Z_PIXMAP, self.root, at.dst_x, at.dst_y, w, h, !0)?;
        let bgrx = image.reply().context("taking a picture")?.data;
        let (width, height) = (width as usize, height as usize);
        ensure!(bgrx.len() == width * height * 4, "the display has not 32 bits for a pixel");
        let rgba = bgrx.chunks_exact(4).flat_map(|p| [p[2], p[1], p[0], 255]).collect();
        Ok(Picture { width, height, rgba })
    }

    /// Says how many pixels there are to an inch; `None` takes it back.
    ///
    /// # Errors
    /// If the display refuses.
    pub fn set_dpi(&self, dpi: Option<u32>) -> Result<()> {
        let text = dpi.map(|dpi| format!("Xft.dpi:\t{dpi}\n")).unwrap_or_default();
        let (name, kind) = (AtomEnum::RESOURCE_MANAGER, AtomEnum::STRING);
        Ok(self.x.change_property8(PropMode::REPLACE, self.root, name, kind, text.as_bytes())?.check()?)
    }
}

/// How many colours a picture has.
pub fn colours(picture: &Picture) -> usize {
    picture.rgba.chunks_exact(4).collect::<HashSet<_>>().len()
}
