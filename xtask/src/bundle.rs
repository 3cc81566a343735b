//! The bundles and the renderer: built by the framework's bundler, then completed with what it leaves out.

use crate::workspace::{PACKAGE, Workspace};
use anyhow::{Context, Result};
use nice_plug::prelude::{Plugin, Vst3Plugin};
use nice_plug::wrapper::vst3::PluginInfo;
use nice_plug_xtask::{Architecture, CompilationTarget, maybe_codesign};
use serde_json::{Value, json};
use std::env::consts::EXE_EXTENSION;
use std::ffi::c_char;
use std::fs;
use std::path::{Path, PathBuf};
use stemwright::plugin::Stemwright;

/// The version the framework's bundler writes into every Info.plist.
const BUNDLER_VERSION: &str = "<string>1.0.0</string>";
/// The identifier it makes up.
const BUNDLER_IDENTIFIER: &str = "com.nice-plug.stemwright";

/// What the release build makes.
pub struct Bundles {
    /// The folder the plugins lie in.
    pub folder: PathBuf,
    /// The CLAP plugin: a file, on macOS a folder.
    pub clap: PathBuf,
    /// The VST3 plugin: a folder.
    pub vst3: PathBuf,
    /// The program `stem-render`.
    pub renderer: PathBuf,
}

/// Builds all in release mode and completes the bundles.
///
/// # Errors
/// If the build fails or the bundles cannot be written.
pub fn bundle(workspace: &Workspace) -> Result<Bundles> {
    let args = ["--release".to_owned()];
    nice_plug_xtask::build(&[PACKAGE.to_owned()], &args)?;
    nice_plug_xtask::bundle(&workspace.target, PACKAGE, &args, false)?;
    let folder = workspace.target.join("bundled");
    let bundles = Bundles {
        clap: folder.join("stemwright.clap"),
        vst3: folder.join("stemwright.vst3"),
        folder,
        renderer: workspace.target.join("release/stem-render").with_extension(EXE_EXTENSION),
    };
    let resources = bundles.vst3.join("Contents/Resources");
    fs::create_dir_all(&resources).with_context(|| format!("creating {}", resources.display()))?;
    write(&resources.join("moduleinfo.json"), &format!("{:#}\n", module_info()))?;
    for bundle in [&bundles.clap, &bundles.vst3] {
        complete_plist(&bundle.join("Contents/Info.plist"))?;
    }
    if cfg!(target_os = "macos") {
        // The signature the bundler made covers neither file. The architecture plays no part in it.
        for bundle in [&bundles.clap, &bundles.vst3] {
            maybe_codesign(bundle, CompilationTarget::MacOS(Architecture::AArch64));
        }
    }
    Ok(bundles)
}

/// What Steinberg's `moduleinfotool` would write: hosts can list the plugin without loading it.
fn module_info() -> Value {
    let info = PluginInfo::for_plugin::<Stemwright>();
    let class = info.create_class_info_2();
    let cid: String = Stemwright::VST3_CLASS_ID.iter().map(|byte| format!("{byte:02X}")).collect();
    json!({
        "Name": info.name,
        "Version": info.version,
        "Factory Info": {
            "Vendor": info.vendor,
            "URL": info.url,
            "E-Mail": info.email,
            "Flags": {
                "Unicode": true,
                "Classes Discardable": false,
                "Component Non Discardable": false,
            },
        },
        "Classes": [{
            "CID": cid,
            "Category": c_text(&class.category),
            "Name": info.name,
            "Vendor": info.vendor,
            "Version": info.version,
            "SDKVersion": c_text(&class.sdkVersion),
            "Sub Categories": info.subcategories.split('|').collect::<Vec<_>>(),
            "Class Flags": class.classFlags,
            "Cardinality": class.cardinality,
            "Snapshots": [],
        }],
    })
}

/// The text of one of the factory's fixed fields.
fn c_text(field: &[c_char]) -> String {
    let bytes: Vec<u8> = field.iter().map(|c| *c as u8).take_while(|b| *b != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Puts our version and identifier into a macOS bundle; the other systems have no such file.
fn complete_plist(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    write(path, &completed_plist(&text))
}

fn completed_plist(text: &str) -> String {
    let version = format!("<string>{}</string>", Stemwright::VERSION);
    text.replace(BUNDLER_VERSION, &version).replace(BUNDLER_IDENTIFIER, "org.stemwright.stem-balancer")
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_info_plist_gets_the_version_of_the_package() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("Contents")).unwrap();
        nice_plug_xtask::maybe_create_macos_bundle_metadata(
            PACKAGE,
            PACKAGE,
            folder.path(),
            CompilationTarget::MacOS(Architecture::AArch64),
            nice_plug_xtask::BundleType::Plugin,
        )
        .unwrap();
        let plist = folder.path().join("Contents/Info.plist");
        complete_plist(&plist).unwrap();
        let text = fs::read_to_string(plist).unwrap();
        let version = format!("<string>{}</string>", env!("CARGO_PKG_VERSION"));
        assert_eq!(text.matches(&version).count(), 2, "{text}");
        assert!(text.contains("<string>org.stemwright.stem-balancer</string>"), "{text}");
        assert!(!text.contains("nice-plug"), "{text}");
    }

    #[test]
    fn module_info_names_the_frozen_class() {
        let class = &module_info()["Classes"][0];
        assert_eq!(class["CID"], "5374656D7772696768745374656D7331");
        assert_eq!(class["Category"], "Audio Module Class");
        assert_eq!(class["Sub Categories"][0], "Fx");
    }
}
