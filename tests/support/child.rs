//! Tests that end their process where a promise is broken: each runs its program anew as a child and
//! looks at how that ended. Linux alone: taken in beside `support`, by the programs that need it.

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
use std::process::{Command, Output, exit};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Set in a child: it does what the test is about instead of judging it.
const CHILD: &str = "STEMWRIGHT_TEST_CHILD";
/// The child's exit code where all went well; none that a test program gives by itself.
pub const DONE: i32 = 42;
/// How long a child may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the named test of this program in a child, where [`is_child`] is true.
pub fn run_child(test: &str) -> Output {
    let program = std::env::current_exe().expect("this program has a path");
    Command::new(program)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        // Where the system leaves the memory image of a killed process.
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the child starts")
}

pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// In a child: has `work` run on a thread that dies with the process at its first system call, and
/// leaves with [`DONE`] when it is through.
pub fn under_seccomp(work: impl FnOnce() + Send + 'static) -> ! {
    // No system call has a rule, so each meets the first action.
    let arch = std::env::consts::ARCH.try_into().expect("a known processor");
    let filter = SeccompFilter::new([].into(), SeccompAction::KillProcess, SeccompAction::Allow, arch);
    let filter: BpfProgram = filter.and_then(TryInto::try_into).expect("the filter is sound");
    let done = Arc::new(AtomicBool::new(false));
    let its_done = done.clone();
    thread::spawn(move || {
        apply_filter(&filter).expect("the kernel takes the filter");
        work();
        its_done.store(true, Ordering::Release);
        // Even to end, a thread needs the system: the process ends around it.
        loop {
            std::hint::spin_loop();
        }
    });
    let start = Instant::now();
    while !done.load(Ordering::Acquire) {
        if start.elapsed() > PATIENCE {
            exit(1);
        }
        thread::yield_now();
    }
    exit(DONE);
}
