//! Copies the bundles to where the user's hosts look.

use crate::bundle::Bundles;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Installs both bundles, into `to` or else into the user's own plugin folders, and says where.
///
/// # Errors
/// If a folder is not known or a file cannot be written.
pub fn run(bundles: &Bundles, to: Option<PathBuf>) -> Result<()> {
    let (clap_folder, vst3_folder) = match to {
        Some(folder) => (folder.clone(), folder),
        None => user_folders()?,
    };
    for (bundle, folder) in [(&bundles.clap, clap_folder), (&bundles.vst3, vst3_folder)] {
        let name = bundle.file_name().context("a bundle without a name")?;
        let installed = folder.join(name);
        replace(bundle, &installed).with_context(|| format!("installing {}", installed.display()))?;
        println!("Installed {}", installed.display());
    }
    println!("Have your host scan its plugins again; Stemwright is listed under Stemwright.");
    Ok(())
}

/// The user's folders for CLAP and VST3 plugins.
fn user_folders() -> Result<(PathBuf, PathBuf)> {
    let variable = if cfg!(windows) { "LOCALAPPDATA" } else { "HOME" };
    let home = std::env::var_os(variable)
        .map(PathBuf::from)
        .with_context(|| format!("{variable} is not set: say where to install with --to FOLDER"))?;
    Ok(if cfg!(windows) {
        let common = home.join("Programs").join("Common");
        (common.join("CLAP"), common.join("VST3"))
    } else if cfg!(target_os = "macos") {
        let plugins = home.join("Library/Audio/Plug-Ins");
        (plugins.join("CLAP"), plugins.join("VST3"))
    } else {
        (home.join(".clap"), home.join(".vst3"))
    })
}

/// Puts a copy of `from` at `to`, in place of what is there. The copy is made aside first: an error
/// half-way leaves what was installed, and a host that has it open keeps its own file.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().context("no folder")?;
    fs::create_dir_all(folder)?;
    let aside = tempfile::tempdir_in(folder)?;
    let (new, old) = (aside.path().join("new"), aside.path().join("old"));
    copy(from, &new)?;
    if fs::symlink_metadata(to).is_ok() {
        fs::rename(to, &old)?;
    }
    if let Err(error) = fs::rename(&new, to) {
        if old.exists() {
            fs::rename(&old, to)?;
        }
        return Err(error.into());
    }
    Ok(())
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        fs::copy(from, to)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installing_again_replaces_the_whole_bundle() {
        let folder = tempfile::tempdir().unwrap();
        let bundle = folder.path().join("built.vst3");
        fs::create_dir_all(bundle.join("Contents/Resources")).unwrap();
        fs::write(bundle.join("Contents/Resources/moduleinfo.json"), "new").unwrap();
        let installed = folder.path().join("plugins/stemwright.vst3");
        fs::create_dir_all(&installed).unwrap();
        fs::write(installed.join("left over"), "old").unwrap();

        replace(&bundle, &installed).unwrap();

        let info = fs::read_to_string(installed.join("Contents/Resources/moduleinfo.json")).unwrap();
        assert_eq!(info, "new");
        assert!(!installed.join("left over").exists());
        assert_eq!(fs::read_dir(folder.path().join("plugins")).unwrap().count(), 1);
    }
}
