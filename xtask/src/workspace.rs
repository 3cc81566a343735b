//! Where the project and what it builds are.

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;
use std::path::{Path, PathBuf};

/// The package that holds the plugin.
pub const PACKAGE: &str = "stemwright";

/// The folders the commands work in.
pub struct Workspace {
    /// The folder of the workspace's Cargo.toml.
    pub root: PathBuf,
    /// Where cargo builds to.
    pub target: PathBuf,
}

impl Workspace {
    /// Finds them, and makes the root the working directory, as the bundler expects.
    ///
    /// # Errors
    /// If cargo cannot describe the workspace.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("finding the workspace")?;
        std::env::set_current_dir(root).with_context(|| format!("entering {}", root.display()))?;
        let metadata = MetadataCommand::new().no_deps().exec().context("asking cargo about the workspace")?;
        Ok(Self { root: root.to_owned(), target: metadata.target_directory.into_std_path_buf() })
    }
}
