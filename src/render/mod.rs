//! Offline rendering of stems on disk.
