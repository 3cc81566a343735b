//! Looks at the machine code of the inner loops: what runs in lanes must not call anything, because a call
//! costs more than the work it does, and one that failed to inline shows in no other test.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// What every job in lanes is compiled into: part of its mangled name.
const LANE_JOB: &str = "9vectorize12imp_fastcall";

/// A function of the disassembly.
struct Function {
    name: String,
    instructions: usize,
    calls: Vec<String>,
}

/// Disassembles the plugin (with `objdump`, which comes with the linker) and lists the jobs in lanes.
///
/// # Errors
/// If there is none, or one of them calls anything.
pub fn check(plugin: &Path) -> Result<()> {
    if !cfg!(target_arch = "x86_64") {
        bail!("the lanes have instructions of their own on x86-64 only");
    }
    let output = Command::new("objdump")
        .args(["--disassemble", "--no-show-raw-insn"])
        .arg(plugin)
        .output()
        .context("running objdump, which comes with binutils")?;
    if !output.status.success() {
        bail!("objdump: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let jobs = lane_jobs(&String::from_utf8_lossy(&output.stdout));
    if jobs.is_empty() {
        bail!("{} holds no function named {LANE_JOB}; was it stripped?", plugin.display());
    }
    for job in &jobs {
        println!("{}: {} instructions, {} calls", job.name, job.instructions, job.calls.len());
        job.calls.iter().for_each(|call| println!("    {call}"));
    }
    if jobs.iter().any(|job| !job.calls.is_empty()) {
        bail!("something in the lanes is not inlined: is a function or a closure missing its attribute?");
    }
    Ok(())
}

/// The jobs in a listing like objdump's, and all that leads out of them: calls, and jumps to elsewhere
/// (an indirect jump is a `match`).
fn lane_jobs(listing: &str) -> Vec<Function> {
    let mut jobs: Vec<Function> = Vec::new();
    let mut is_job = false;
    for line in listing.lines() {
        if let Some((_, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
            is_job = name.contains(LANE_JOB);
            if is_job {
                jobs.push(Function { name: name.to_owned(), instructions: 0, calls: Vec::new() });
            }
        } else if is_job
            && let Some(job) = jobs.last_mut()
            && let Some((_, instruction)) = line.split_once(":\t")
        {
            job.instructions += 1;
            let stays = instruction.contains(&format!("<{}+", job.name));
            let jumps = instruction.starts_with('j') && !instruction.contains('*');
            if instruction.starts_with("call") || (jumps && !stays) {
                job.calls.push(instruction.trim().to_owned());
            }
        }
    }
    jobs
}

#[cfg(test)]
mod tests {
    use super::lane_jobs;

    #[test]
    fn calls_and_jumps_out_of_a_job_are_found_and_its_own_jumps_are_not() {
        let listing = "\
0000000000001000 <other>:
    1000:\tcall   2000 <f>

0000000000003000 <_ZN4pulp3x862v32V39vectorize12imp_fastcall17h0E>:
    3000:\tvaddps %ymm0,%ymm1,%ymm2
    3004:\tjne    3000 <_ZN4pulp3x862v32V39vectorize12imp_fastcall17h0E+0x0>
    3008:\tcall   2000 <f>
    300c:\tjmp    2000 <f>
    3010:\tcall   *%rax
    3014:\tjmp    *%rcx
";
        let jobs = lane_jobs(listing);
        assert_eq!(jobs.len(), 1);
        assert_eq!(jobs[0].instructions, 6);
        assert_eq!(jobs[0].calls, ["call   2000 <f>", "jmp    2000 <f>", "call   *%rax"]);
    }
}
