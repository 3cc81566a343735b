//! The instance behind an open editor.

use super::params::HostParam;
use super::shared::{Edit, Shared};
use crate::analysis::StudyState;
use crate::editor::gestures::{Instance, Said};
use crate::model::document::StemInfo;
use crate::model::learned::LearnedBalance;
use crate::model::limits::{ParamKey, SCENES, STEMS};
use crate::model::scene::Scene;
use crate::model::settings::sane;
use crate::model::view::View;
use crate::share::Readings;
use crate::sync::{Audition, Meters, Monitor};
use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::*;
use std::sync::Arc;

/// Shows the editor one instance in a host.
pub struct HostInstance {
    shared: Arc<Shared>,
    gui: GuiContext,
}

impl HostInstance {
    /// `gui` comes from the framework when the editor opens.
    pub fn new(shared: Arc<Shared>, gui: GuiContext) -> Self {
        Self { shared, gui }
    }

    /// Takes an edit to the host, by our export or else by the framework. Where there is no host any
    /// more, the framework is gone as well, and must not be called.
    fn edit(&self, key: ParamKey, edit: Edit) {
        if self.shared.host(|h| h.edit(key, edit)) != Some(false) {
            return;
        }
        let Some(param) = self.shared.params.get(key) else { return };
        match param {
            HostParam::Float(p) => by_framework(&self.gui.param_setter(), p, edit),
            HostParam::Switch(p) => by_framework(&self.gui.param_setter(), p, edit),
            HostParam::Choice(p) => by_framework(&self.gui.param_setter(), p, edit),
        }
    }
}

fn by_framework<P: Param>(setter: &ParamSetter, param: &P, edit: Edit) {
    match edit {
        Edit::Begin => setter.begin_set_parameter(param),
        Edit::Set(normalised) => setter.set_parameter_normalized(param, normalised),
        Edit::End => setter.end_set_parameter(param),
    }
}

impl Instance for HostInstance {
    fn value(&self, key: ParamKey) -> f32 {
        let spec = key.spec();
        self.shared.params.get(key).map_or(spec.default, |p| sane(&spec, p.value(&spec)))
    }

    fn begin(&self, key: ParamKey) {
        self.edit(key, Edit::Begin);
    }

    fn set(&self, key: ParamKey, value: f32) {
        if let Some(param) = self.shared.params.get(key) {
            self.edit(key, Edit::Set(param.normalised(&key.spec(), value)));
        }
    }

    fn end(&self, key: ParamKey) {
        self.edit(key, Edit::End);
    }

    fn stems(&self) -> [StemInfo; STEMS] {
        self.shared.stems()
    }

    fn set_stems(&self, stems: [StemInfo; STEMS]) {
        self.shared.set_stems(stems);
    }

    fn order(&self) -> [usize; STEMS] {
        self.shared.order()
    }

    fn set_order(&self, order: [usize; STEMS]) {
        self.shared.set_order(order);
    }

    fn scenes(&self) -> [Scene; SCENES] {
        self.shared.scenes()
    }

    fn set_scenes(&self, scenes: [Scene; SCENES]) {
        self.shared.set_scenes(scenes);
    }

    fn scene_order(&self) -> [usize; SCENES] {
        self.shared.scene_order()
    }

    fn set_scene_order(&self, order: [usize; SCENES]) {
        self.shared.set_scene_order(order);
    }

    fn begin_group(&self) {
        self.shared.host(|h| h.group(true));
    }

    fn end_group(&self) {
        self.shared.host(|h| h.group(false));
    }

    fn sounding(&self, key: ParamKey) -> f32 {
        let spec = key.spec();
        self.shared.params.get(key).map_or(spec.default, |p| sane(&spec, p.modulated_value(&spec)))
    }

    fn loads(&self) -> u32 {
        self.shared.revision() / 2
    }

    fn learned(&self) -> Option<LearnedBalance> {
        self.shared.learned()
    }

    fn set_learned(&self, learned: Option<LearnedBalance>) {
        self.shared.set_learned(learned);
    }

    fn view(&self) -> View {
        self.shared.view()
    }

    fn set_view(&self, view: View) {
        self.shared.set_view(view);
    }

    fn sample_rate_hz(&self) -> f64 {
        self.shared.sample_rate_hz()
    }

    fn host_name(&self) -> String {
        self.shared.host_name()
    }

    fn monitor(&self) -> Monitor {
        self.shared.monitor.get()
    }

    fn set_monitor(&self, monitor: Monitor) {
        self.shared.monitor.set(monitor);
    }

    fn audition(&self, wish: Option<&Audition>) {
        self.shared.audition.set(wish);
    }

    fn meters(&self) -> &Meters {
        &self.shared.meters
    }

    fn study(&self) -> StudyState {
        self.shared.desk.state()
    }

    fn record(&self, on: bool) {
        self.shared.record(on);
    }

    fn readings(&self) -> Option<Readings> {
        self.shared.readings()
    }

    fn forget_recording(&self) {
        self.shared.desk.forget();
    }

    fn notices(&self) -> Option<Said> {
        self.shared.notices()
    }

    fn dismiss_notices(&self) {
        self.shared.dismiss_notices();
    }

    fn has_fault(&self) -> bool {
        self.shared.has_fault()
    }
}
