//! placeholder until the editor lands
use super::gestures::Instance;
use nice_plug::context::gui::GuiContext;
use nice_plug_egui::{
    EguiEditor, EguiEditorState, EguiNiceSettings, Frame, NiceEguiApp, RepaintNotifier, create_egui_editor,
};
/// w
pub type Window<I> = EguiEditor<App<I>>;
/// a
pub struct App<I>(Box<dyn Fn(GuiContext) -> I + Send>, Option<I>);
impl<I: Instance + Send + 'static> NiceEguiApp for App<I> {
    fn build(
        &mut self,
        _c: egui::Context,
        gui: GuiContext,
        _f: &mut Frame,
    ) -> Result<(), nice_plug_egui::baseview::HandlerError> {
        self.1 = Some((self.0)(gui));
        Ok(())
    }
    fn ui(&mut self, _ui: &mut egui::Ui, _f: &mut Frame) {}
    fn editor_closed(&mut self) {
        self.1 = None
    }
}
/// w
pub fn window<I: Instance + Send + 'static>(
    f: impl Fn(GuiContext) -> I + Send + 'static,
) -> Option<Window<I>> {
    create_egui_editor(
        EguiEditorState::from_size(nice_plug::editor::dpi::LogicalSize::new(1180.0, 720.0), 1.0),
        RepaintNotifier::default(),
        EguiNiceSettings::new(),
        App(Box::new(f), None),
    )
}
