//! The editor in a host's window.
#![allow(clippy::disallowed_types, reason = "never touched by the audio thread")]

use super::gestures::Instance;
use super::screen::{Screen, Track, is_at_hand};
use super::theme;
use super::x11::{self, WindowThread};
use crate::model::limits::MIN_WINDOW_POINTS;
use crate::model::view::View;
use crate::sync::Patrol;
use nice_plug::context::PluginApi;
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::{LogicalSize, NativeSize};
use nice_plug::editor::{
    Editor, EditorHandle, HostMethods, Modifiers, ParentWindowHandle, ResizeHint, SizeConstraints,
    SpawnedEditor, VirtualKeyCode,
};
use nice_plug::prelude::TrackInfo;
use nice_plug_egui::resizable_window::ResizableWindow;
use nice_plug_egui::{
    EguiEditor, EguiEditorHandle, EguiEditorState, EguiNiceSettings, Frame, Key, KeyCapture, NiceEguiApp,
    RepaintNotifier, baseview, create_egui_editor,
};
use parking_lot::Mutex;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Keys of a control that has the focus; a host keeps all others, Space above all.
const CONTROL_KEYS: [&str; 11] = [
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "PageUp",
    "PageDown",
    "Home",
    "Enter",
    "Escape",
    "Tab",
    "Shift",
];

/// With Ctrl they undo and redo, while somebody works here; otherwise they are the host's.
const UNDO_KEYS: [&str; 3] = ["z", "Z", "y"];

/// Makes the editor that [`nice_plug::plugin::Plugin::editor`] gives back.
///
/// `view` tells how the window was left, whenever one opens: states are loaded after the editor is made.
/// `connect` is called then, too: it joins the plugin and the window's way to the host into the instance
/// that is shown. `leave` is called when it has closed, whatever state it was in: it gives up what was asked for
/// whoever looks and listens.
pub fn window<I: Instance + Send + 'static>(
    view: impl Fn() -> View + Send + 'static,
    connect: impl Fn(GuiContext) -> I + Send + Sync + 'static,
    leave: impl Fn() + Send + Sync + 'static,
) -> Option<Window<I>> {
    let shared = Shared {
        connect: Arc::new(connect),
        leave: Arc::new(leave),
        room: Arc::new(Mutex::new(Room::default())),
        track: Arc::default(),
    };
    let inner = editor(view(), &shared)?;
    Some(Window { view: Box::new(view), inner: Mutex::new(inner), shared })
}

type Connect<I> = Arc<dyn Fn(GuiContext) -> I + Send + Sync>;

/// What the framework's editor and ours have in common.
struct Shared<I> {
    connect: Connect<I>,
    room: Arc<Mutex<Room<I>>>,
    /// Gives up, from any thread, what was asked for whoever looks and listens.
    leave: Arc<dyn Fn() + Send + Sync>,
    /// Written when the host tells, read at each frame.
    track: Arc<Mutex<Track>>,
}

impl<I> Clone for Shared<I> {
    fn clone(&self) -> Self {
        Self {
            connect: self.connect.clone(),
            room: self.room.clone(),
            leave: self.leave.clone(),
            track: self.track.clone(),
        }
    }
}

/// The framework's editor with this size and zoom, which it takes when it is made.
fn editor<I: Instance + Send + 'static>(view: View, shared: &Shared<I>) -> Option<EguiEditor<App<I>>> {
    let app = App { shared: shared.clone(), has_corner: false };
    let mut settings = EguiNiceSettings::new().with_tile("Stemwright").with_resize_hint(resize_hint(view));
    if cfg!(all(unix, not(target_os = "macos"))) {
        settings.repaint_poll_interval = NEVER;
    }
    let [width, height] = view.size_points;
    let state = EguiEditorState::from_size(LogicalSize::new(width, height), zoom(view));
    create_egui_editor(state, RepaintNotifier::default(), settings, app)
}

/// How often to look whether the framework wants a repaint on X11. It wants one at its first look, and a window
/// that is not shown by then stays black for good. Ours repaints by itself, from the first frame on.
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

fn zoom(view: View) -> f32 {
    view.zoom_percent as f32 / 100.0
}

fn resize_hint(view: View) -> ResizeHint {
    let [width, height] = MIN_WINDOW_POINTS.map(|side| side * zoom(view));
    ResizeHint {
        size_constraints: SizeConstraints::Logical {
            min_size: Some(LogicalSize::new(width, height)),
            max_size: None,
        },
        ..ResizeHint::RESIZABLE
    }
}

/// How often the watch looks.
const LOOK: Duration = Duration::from_millis(66);
/// Longer than a frame takes to draw.
const FRAME: Duration = Duration::from_millis(100);

/// What a window shows. The screen outlives the window, so that it opens again as it was left.
struct Room<I> {
    screen: Screen,
    /// While a window is open.
    instance: Option<I>,
    /// What draws the window that was made last, until its handle has it.
    thread: Option<WindowThread>,
    /// What draws the window, once it has drawn a frame: a window on X11 that is asked for one before it is shown
    /// stays black.
    drawing: Option<egui::Context>,
    /// How large a window was made. The framework knows its size only once that changes.
    made: Option<NativeSize<u32>>,
}

impl<I> Default for Room<I> {
    fn default() -> Self {
        Self { screen: Screen::default(), instance: None, thread: None, drawing: None, made: None }
    }
}

impl<I: Instance> Room<I> {
    fn close(&mut self) {
        if let Some(instance) = self.instance.take() {
            self.screen.close(&instance);
        }
    }
}

/// Whether a window may ask the host for another size. On Linux a VST3 window would make the framework do so
/// on its worker thread, which panics there and later takes the host along; it suffices that the host sizes
/// the window without a word to us, as hosts do.
fn may_ask(host: &GuiContext) -> bool {
    !(cfg!(target_os = "linux") && host.plugin_api() == PluginApi::Vst3)
}

/// What the framework calls for each frame.
pub struct App<I> {
    shared: Shared<I>,
    /// Whether the window can be resized by its own corner, beside the host's way.
    has_corner: bool,
}

impl<I: Instance + Send + 'static> NiceEguiApp for App<I> {
    fn build(
        &mut self,
        egui: egui::Context,
        host: GuiContext,
        _frame: &mut Frame,
    ) -> Result<(), baseview::HandlerError> {
        theme::install(&egui);
        self.has_corner = may_ask(&host);
        let mut room = self.shared.room.lock();
        room.close();
        room.thread = WindowThread::current();
        room.drawing = None;
        room.screen.zooms_later = !self.has_corner;
        room.instance = Some((self.shared.connect)(host));
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut Frame) {
        let room = &mut *self.shared.room.lock();
        let Some(instance) = &room.instance else { return };
        room.screen.track.clone_from(&self.shared.track.lock());
        room.drawing.get_or_insert_with(|| ui.ctx().clone());
        if self.has_corner {
            let corner = ResizableWindow::new("corner").min_size(MIN_WINDOW_POINTS.into());
            corner.show(ui, |ui| room.screen.ui(ui, instance));
        } else {
            room.screen.ui(ui, instance);
        }
        let mut view = instance.view();
        if self.has_corner {
            ui.ctx().set_zoom_factor(zoom(view));
        }
        let size = ui.ctx().content_rect().size();
        if (ui.ctx().zoom_factor() - zoom(view)).abs() < 1e-3 && view.size_points != [size.x, size.y] {
            view.resize([size.x, size.y]);
            instance.set_view(view);
        }
        let undoes = is_at_hand(ui.ctx()) && ui.input(|i| i.modifiers.command);
        frame.set_key_capture(if room.screen.is_typing() {
            KeyCapture::CaptureAll
        } else {
            let keys = CONTROL_KEYS.iter().chain(UNDO_KEYS.iter().filter(|_| undoes));
            KeyCapture::CaptureKeys(keys.filter_map(|key| key.parse::<Key>().ok()).collect())
        });
    }

    fn resized(&mut self, _: baseview::WindowSize) {
        self.shared.room.lock().made = None;
    }
}

/// The framework's editor, with an end: the framework never tells its app that the window closed, but
/// it drops the handle first.
pub struct Window<I: Instance + Send + 'static> {
    view: Box<dyn Fn() -> View + Send>,
    inner: Mutex<EguiEditor<App<I>>>,
    shared: Shared<I>,
}

impl<I: Instance + Send + 'static> Editor for Window<I> {
    type Handle = Handle<I>;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        self.refresh();
        let host = host.filter(|_| may_ask(&gui_context));
        let SpawnedEditor { handle, window } =
            self.inner.lock().spawn(parent, wait_for_parent, fallback_scale_factor, gui_context, host)?;
        let mut room = self.shared.room.lock();
        let made = window.size().to_native_size();
        room.made = Some(NativeSize::new(made.width, made.height));
        let window = Opened { inner: window, thread: room.thread.take() };
        drop(room);
        let _watch = watch(&self.shared);
        Ok(SpawnedEditor { handle: Handle { inner: handle, shared: self.shared.clone(), _watch }, window })
    }

    fn size(&self) -> NativeSize<u32> {
        // A host may ask from within a frame's call to it: then one is open.
        let (is_open, made) = match self.shared.room.try_lock() {
            Some(room) => (room.instance.is_some(), room.made),
            None => (true, None),
        };
        if is_open {
            return made.unwrap_or_else(|| self.inner.lock().size());
        }
        // The framework's own answer leaves zoom and scale out until a window was resized.
        let view = (self.view)();
        let [width, height] = view.size_points.map(|side| side * zoom(view));
        NativeSize::from_size(LogicalSize::new(width, height).into(), x11::scale())
    }

    fn resize_hint(&self) -> ResizeHint {
        resize_hint((self.view)())
    }

    fn track_info_updated(&self, info: TrackInfo) {
        let color = info.color().map(|color| {
            let (r, g, b, _) = color.rgba();
            [r, g, b]
        });
        *self.shared.track.lock() = Track { name: info.name().to_owned(), color };
    }
}

impl<I: Instance + Send + 'static> Window<I> {
    /// Makes the framework's editor anew, with the size and the zoom of now.
    fn refresh(&self) {
        if let Some(editor) = editor((self.view)(), &self.shared) {
            *self.inner.lock() = editor;
        }
    }
}

/// An open window on the screen. Dropping it closes the window and waits until nothing of it runs.
pub struct Opened {
    inner: baseview::Window,
    /// Dropped last.
    thread: Option<WindowThread>,
}

/// An open window. Dropping it ends what the hands were doing.
pub struct Handle<I: Instance> {
    inner: EguiEditorHandle,
    shared: Shared<I>,
    _watch: Option<Patrol>,
}

/// Looks while a window is open whether it shows what is no longer so: nobody tells an editor that a host's
/// automation has moved something or that sound has begun. None where the system has no thread for it: then the
/// window follows the hands alone.
fn watch<I: Instance + Send + 'static>(shared: &Shared<I>) -> Option<Patrol> {
    let Shared { room, track, .. } = shared.clone();
    Patrol::start("stemwright watch", LOOK, move || {
        // Whoever draws at this moment needs no reminder.
        if let Some(mut room) = room.try_lock()
            && let Room { screen, instance: Some(instance), drawing: Some(drawing), .. } = &mut *room
            && (screen.is_stale(instance) || screen.track != *track.lock())
        {
            drawing.request_repaint();
        }
        Some(LOOK)
    })
}

impl<I: Instance> Drop for Handle<I> {
    fn drop(&mut self) {
        // On X11 frames are drawn on another thread: let one end. Where a host closes the window from
        // within a frame's call to it, the next opening closes up.
        if let Some(mut room) = self.shared.room.try_lock_for(FRAME) {
            room.close();
            room.drawing = None;
        }
        (self.shared.leave)();
    }
}

impl<I: Instance + Send + 'static> EditorHandle for Handle<I> {
    type Window = Opened;
    type Error = <EguiEditorHandle as EditorHandle>::Error;

    fn run_until_closed(window: Self::Window) -> Result<(), Self::Error> {
        let Opened { inner, thread } = window;
        let result = EguiEditorHandle::run_until_closed(inner);
        drop(thread);
        result
    }

    fn set_parent(&self, parent: ParentWindowHandle, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.set_parent(parent, &window.inner)
    }

    fn show(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.show(&window.inner)
    }

    fn hide(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.hide(&window.inner)
    }

    fn set_size(&self, new_size: NativeSize<u32>, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.set_size(new_size, &window.inner)
    }

    fn host_main_thread_callback(&self, window: &Self::Window) {
        self.inner.host_main_thread_callback(&window.inner);
    }

    fn adjust_size(&self, new_size: NativeSize<u32>, window: &Self::Window) -> Option<NativeSize<u32>> {
        self.inner.adjust_size(new_size, &window.inner)
    }

    fn set_fallback_scale_factor(&self, factor: f64, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.set_fallback_scale_factor(factor, &window.inner)
    }

    fn on_virtual_key_from_host(&self, key: VirtualKeyCode, is_down: bool, modifiers: Modifiers) -> bool {
        self.inner.on_virtual_key_from_host(key, is_down, modifiers)
    }

    fn state_changed(&self) {
        self.inner.state_changed();
    }

    fn param_value_changed(&self, id: &str, normalized_value: f32) {
        self.inner.param_value_changed(id, normalized_value);
    }

    fn param_modulation_changed(&self, id: &str, modulation_offset: f32) {
        self.inner.param_modulation_changed(id, modulation_offset);
    }
}
