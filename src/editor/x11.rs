//! What windows on X11 need beside the framework; on other systems there is nothing to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Pixels to a point, as the person has set it for the whole desktop.
pub fn scale() -> f64 {
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        use x11rb::{resource_manager, rust_connection::RustConnection};
        let dpi = RustConnection::connect(None).ok().and_then(|(connection, _)| {
            let resources = resource_manager::new_from_default(&connection).ok()?;
            resources.get_value::<u32>("Xft.dpi", "").ok().flatten()
        });
        f64::from(dpi.unwrap_or(96)) / 96.0
    }
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    1.0
}

/// A window's thread. Dropping this waits for its end.
///
/// The framework asks the thread to end when a window closes, and most often does not wait. But a host may
/// unload us right then, or end itself, and both crash while the thread takes the graphics down; and where
/// it is still there when the next window opens, the allocator gives that another heap of its own.
pub struct WindowThread {
    /// Its folder, which the system takes away with it.
    folder: PathBuf,
}

/// Longer than a thread takes to end. A display that hangs must not hang the host for ever.
const ENDING: Duration = Duration::from_secs(2);

impl WindowThread {
    /// The calling thread, where windows have threads of their own.
    pub fn current() -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        Some(Self { folder: Path::new("/proc").join(fs::read_link("/proc/thread-self").ok()?) })
    }
}

impl Drop for WindowThread {
    fn drop(&mut self) {
        let start = Instant::now();
        while self.folder.exists() && start.elapsed() < ENDING {
            thread::sleep(Duration::from_millis(1));
        }
    }
}
