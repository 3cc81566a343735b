//! The editor in a host's window.
#![allow(clippy::disallowed_types, reason = "never touched by the audio thread")]

use super::gestures::Instance;
use super::screen::{Screen, Track, is_at_hand};
use super::theme;
use crate::model::limits::MIN_WINDOW_POINTS;
use crate::model::view::View;
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
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
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
/// that is shown.
pub fn window<I: Instance + Send + 'static>(
    view: impl Fn() -> View + Send + 'static,
    connect: impl Fn(GuiContext) -> I + Send + Sync + 'static,
) -> Option<Window<I>> {
    let shared = Shared {
        connect: Arc::new(connect),
        room: Arc::new(Mutex::new(Room { screen: Screen::default(), instance: None })),
        track: Arc::default(),
        repaint: RepaintNotifier::default(),
    };
    let inner = editor(view(), &shared)?;
    Some(Window { view: Box::new(view), inner: Mutex::new(inner), shared })
}

type Connect<I> = Arc<dyn Fn(GuiContext) -> I + Send + Sync>;

/// What the framework's editor and ours have in common.
struct Shared<I> {
    connect: Connect<I>,
    room: Arc<Mutex<Room<I>>>,
    /// Written when the host tells, read at each frame.
    track: Arc<Mutex<Track>>,
    repaint: RepaintNotifier,
}

impl<I> Clone for Shared<I> {
    fn clone(&self) -> Self {
        Self {
            connect: self.connect.clone(),
            room: self.room.clone(),
            track: self.track.clone(),
            repaint: self.repaint.clone(),
        }
    }
}

/// The framework's editor with this size and zoom, which it takes when it is made.
fn editor<I: Instance + Send + 'static>(view: View, shared: &Shared<I>) -> Option<EguiEditor<App<I>>> {
    let app = App { shared: shared.clone(), has_corner: false };
    let settings = EguiNiceSettings::new().with_tile("Stemwright").with_resize_hint(resize_hint(view));
    let [width, height] = view.size_points;
    let state = EguiEditorState::from_size(LogicalSize::new(width, height), zoom(view));
    create_egui_editor(state, shared.repaint.clone(), settings, app)
}

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
}

impl<I: Instance> Room<I> {
    fn close(&mut self) {
        if let Some(instance) = self.instance.take() {
            self.screen.close(&instance);
        }
    }
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
        // On Linux a VST3 window that resizes itself makes the framework call the host from its worker
        // thread, which panics there unless the host runs a loop for it.
        self.has_corner = !(cfg!(target_os = "linux") && host.plugin_api() == PluginApi::Vst3);
        let mut room = self.shared.room.lock();
        room.close();
        room.screen.zooms_later = !self.has_corner;
        room.instance = Some((self.shared.connect)(host));
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut Frame) {
        let room = &mut *self.shared.room.lock();
        let Some(instance) = &room.instance else { return };
        room.screen.track.clone_from(&self.shared.track.lock());
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
        let SpawnedEditor { handle, window } =
            self.inner.lock().spawn(parent, wait_for_parent, fallback_scale_factor, gui_context, host)?;
        let room = self.shared.room.clone();
        let _watch = Watch::start(room.clone(), self.shared.repaint.clone());
        Ok(SpawnedEditor { handle: Handle { inner: handle, room, _watch }, window })
    }

    fn size(&self) -> NativeSize<u32> {
        // A host may ask from within a frame's call to it.
        if self.shared.room.try_lock().is_none_or(|room| room.instance.is_some()) {
            return self.inner.lock().size();
        }
        // The framework's own answer leaves the zoom out until a window was resized.
        let view = (self.view)();
        let [width, height] = view.size_points.map(|side| side * zoom(view));
        NativeSize::from_size(LogicalSize::new(width, height).into(), 1.0)
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
        self.shared.repaint.request_repaint();
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

/// An open window. Dropping it ends what the hands were doing.
pub struct Handle<I: Instance> {
    inner: EguiEditorHandle,
    room: Arc<Mutex<Room<I>>>,
    _watch: Option<Watch>,
}

/// A thread that looks while a window is open whether it shows what is no longer so: nobody tells an editor
/// that a host's automation has moved something or that sound has begun.
struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// None where the system has no thread for it: then the window follows the hands alone.
    fn start<I: Instance + Send + 'static>(
        room: Arc<Mutex<Room<I>>>,
        repaint: RepaintNotifier,
    ) -> Option<Self> {
        let (stop, stopped) = channel::<()>();
        let work = move || {
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                // Whoever draws at this moment needs no reminder.
                let Some(mut room) = room.try_lock() else { continue };
                let Room { screen, instance } = &mut *room;
                if instance.as_ref().is_some_and(|instance| screen.is_stale(instance)) {
                    repaint.request_repaint();
                }
            }
        };
        let thread = thread::Builder::new().name("stemwright watch".to_owned()).spawn(work).ok()?;
        Some(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It waits for nobody, so this takes no longer than a look.
            let _ = thread.join();
        }
    }
}

impl<I: Instance> Drop for Handle<I> {
    fn drop(&mut self) {
        // On X11 frames are drawn on another thread: let one end. Where a host closes the window from
        // within a frame's call to it, the next opening closes up.
        if let Some(mut room) = self.room.try_lock_for(FRAME) {
            room.close();
        }
    }
}

impl<I: Instance + Send + 'static> EditorHandle for Handle<I> {
    type Window = <EguiEditorHandle as EditorHandle>::Window;
    type Error = <EguiEditorHandle as EditorHandle>::Error;

    fn run_until_closed(window: Self::Window) -> Result<(), Self::Error> {
        EguiEditorHandle::run_until_closed(window)
    }

    fn set_parent(&self, parent: ParentWindowHandle, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.set_parent(parent, window)
    }

    fn show(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.show(window)
    }

    fn hide(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.hide(window)
    }

    fn set_size(&self, new_size: NativeSize<u32>, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.set_size(new_size, window)
    }

    fn host_main_thread_callback(&self, window: &Self::Window) {
        self.inner.host_main_thread_callback(window);
    }

    fn adjust_size(&self, new_size: NativeSize<u32>, window: &Self::Window) -> Option<NativeSize<u32>> {
        self.inner.adjust_size(new_size, window)
    }

    fn set_fallback_scale_factor(&self, factor: f64, window: &Self::Window) -> Result<(), Self::Error> {
        self.inner.set_fallback_scale_factor(factor, window)
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
