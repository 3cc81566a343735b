//! The editor in a host's window.
#![allow(clippy::disallowed_types, reason = "never touched by the audio thread")]

use super::console::{Console, MIN_SIZE, SIZE};
use super::gestures::Instance;
use super::theme;
use nice_plug::context::PluginApi;
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::{LogicalSize, NativeSize};
use nice_plug::editor::{
    Editor, EditorHandle, HostMethods, Modifiers, ParentWindowHandle, ResizeHint, SizeConstraints,
    SpawnedEditor, VirtualKeyCode,
};
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

/// Makes the editor that [`nice_plug::plugin::Plugin::editor`] gives back.
///
/// `connect` is called whenever a window opens: it joins the plugin and the window's way to the host
/// into the instance that is shown.
pub fn window<I: Instance + Send + 'static>(
    connect: impl Fn(GuiContext) -> I + Send + 'static,
) -> Option<Window<I>> {
    let [width, height] = SIZE;
    let [min_width, min_height] = MIN_SIZE;
    let resize = ResizeHint {
        size_constraints: SizeConstraints::Logical {
            min_size: Some(LogicalSize::new(min_width, min_height)),
            max_size: None,
        },
        ..ResizeHint::RESIZABLE
    };
    let room = Arc::new(Mutex::new(Room { console: Console::default(), instance: None }));
    let app = App { connect: Box::new(connect), room: room.clone(), has_corner: false };
    let settings = EguiNiceSettings::new().with_tile("Stemwright").with_resize_hint(resize);
    let state = EguiEditorState::from_size(LogicalSize::new(width, height), 1.0);
    let inner = create_egui_editor(state, RepaintNotifier::default(), settings, app)?;
    Some(Window { inner, room })
}

/// Longer than a frame takes to draw.
const FRAME: Duration = Duration::from_millis(100);

/// What a window shows. The console outlives the window, so that it opens again as it was left.
struct Room<I> {
    console: Console,
    /// While a window is open.
    instance: Option<I>,
}

impl<I: Instance> Room<I> {
    fn close(&mut self) {
        if let Some(instance) = self.instance.take() {
            self.console.close(&instance);
        }
    }
}

/// What the framework calls for each frame.
pub struct App<I> {
    connect: Box<dyn Fn(GuiContext) -> I + Send>,
    room: Arc<Mutex<Room<I>>>,
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
        let mut room = self.room.lock();
        room.close();
        room.instance = Some((self.connect)(host));
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut Frame) {
        let room = &mut *self.room.lock();
        let Some(instance) = &room.instance else { return };
        if self.has_corner {
            let corner = ResizableWindow::new("corner").min_size(MIN_SIZE.into());
            corner.show(ui, |ui| room.console.ui(ui, instance));
        } else {
            room.console.ui(ui, instance);
        }
        frame.set_key_capture(if room.console.is_typing() {
            KeyCapture::CaptureAll
        } else {
            KeyCapture::CaptureKeys(CONTROL_KEYS.iter().filter_map(|key| key.parse::<Key>().ok()).collect())
        });
    }
}

/// The framework's editor, with an end: the framework never tells its app that the window closed, but
/// it drops the handle first.
pub struct Window<I: Instance + Send + 'static> {
    inner: EguiEditor<App<I>>,
    room: Arc<Mutex<Room<I>>>,
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
        let SpawnedEditor { handle, window } =
            self.inner.spawn(parent, wait_for_parent, fallback_scale_factor, gui_context, host)?;
        Ok(SpawnedEditor { handle: Handle { inner: handle, room: self.room.clone() }, window })
    }

    fn size(&self) -> NativeSize<u32> {
        self.inner.size()
    }

    fn resize_hint(&self) -> ResizeHint {
        self.inner.resize_hint()
    }
}

/// An open window. Dropping it ends what the hands were doing.
pub struct Handle<I: Instance> {
    inner: EguiEditorHandle,
    room: Arc<Mutex<Room<I>>>,
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
