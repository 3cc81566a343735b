//! An allocator that aborts the process when audio code allocates or frees.
#![allow(unsafe_code, reason = "a global allocator can be written in no other way")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, watched. Every test program that processes audio makes it its
/// `#[global_allocator]`.
pub struct Watched;

thread_local! {
    // Constant and without a destructor: reaching them never allocates.
    static ZONES: Cell<usize> = const { Cell::new(0) };
    static LIVE_BYTES: Cell<isize> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Runs `work`; where it allocates or frees on this thread, the process aborts with a message.
///
/// Has an effect only where [`Watched`] is the global allocator.
pub fn no_alloc<T>(work: impl FnOnce() -> T) -> T {
    struct Zone;
    impl Drop for Zone {
        fn drop(&mut self) {
            ZONES.set(ZONES.get() - 1);
        }
    }
    ZONES.set(ZONES.get() + 1);
    let _zone = Zone;
    work()
}

/// What `make` returns, and how many bytes of heap it holds more than before. Of this thread only.
pub fn heap_bytes<T>(make: impl FnOnce() -> T) -> (T, isize) {
    let before = LIVE_BYTES.get();
    let made = make();
    (made, LIVE_BYTES.get() - before)
}

/// What `work` returns, and how often it allocated. Of this thread only.
pub fn allocations<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATIONS.get();
    let done = work();
    (done, ALLOCATIONS.get() - before)
}

fn check(what: &str, bytes: usize) {
    if ZONES.replace(0) > 0 {
        eprintln!("{what} of {bytes} bytes where nothing may be allocated or freed (a panic does so too)");
        std::process::abort();
    }
}

// SAFETY: every call is handed on to the system's allocator as it came; what is done besides touches
// no allocated memory and never unwinds.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        check("allocation", layout.size());
        LIVE_BYTES.set(LIVE_BYTES.get() + layout.size() as isize);
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are the ones asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        check("free", layout.size());
        LIVE_BYTES.set(LIVE_BYTES.get() - layout.size() as isize);
        // SAFETY: the caller's promises are the ones asked for.
        unsafe { System.dealloc(memory, layout) }
    }
}
