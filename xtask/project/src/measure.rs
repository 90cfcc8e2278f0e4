//! Runs one program and says what it cost.
//!
//! The kernel counts the memory of the process that starts a program as the program's own, until the program is
//! loaded. So the benchmark, which is large, starts this small process of itself, and this one starts the program.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use crate::Outcome;

/// What one run cost.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// User and system time, with that of the programs that it started and waited for.
    pub(crate) processor: Duration,
    /// Of the largest process.
    pub(crate) memory: u64,
    /// The exit status; -1 after a signal.
    pub(crate) status: i64,
}

/// Runs the program with this process's environment and prints the cost as four numbers.
pub(crate) fn report(program: &str, arguments: &[&str]) -> Outcome {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(heard().map_err(|e| e.to_string())?);
    let start = Instant::now();
    let mut child = command.spawn().map_err(|e| format!("{program}: {e}"))?;
    let used = child.wait4().map_err(|e| format!("{program}: {e}"))?;
    let wall = start.elapsed();
    let processor = used.rusage.utime + used.rusage.stime;
    println!(
        "{} {} {} {}",
        wall.as_micros(),
        processor.as_micros(),
        used.rusage.maxrss,
        used.status.code().unwrap_or(-1)
    );
    Ok(())
}

/// A pipe that is read, as a runner's is: a step that nobody hears is another one.
fn heard() -> std::io::Result<Stdio> {
    #[cfg(unix)]
    use std::os::fd::AsFd as _;
    #[cfg(windows)]
    use std::os::windows::io::AsHandle as _;

    let err = std::io::stderr();
    #[cfg(unix)]
    let pipe = err.as_fd();
    #[cfg(windows)]
    let pipe = err.as_handle();
    pipe.try_clone_to_owned().map(Stdio::from)
}

/// Has a process of this program's own run `command`, in the environment given and no other.
pub(crate) fn measure(command: &[String], environment: &[(String, String)]) -> Outcome<Cost> {
    let own = std::env::current_exe().map_err(|e| format!("this program has no path: {e}"))?;
    let mut helper = Command::new(own);
    helper
        .arg("measure")
        .args(command)
        .env_clear()
        .envs(environment.iter().cloned());
    let made = helper
        .stdin(Stdio::null())
        .output()
        .map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&made.stdout);
    let numbers: Vec<i64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [wall, processor, memory, status] = numbers[..] else {
        return Err(format!(
            "{}: {}",
            command.join(" "),
            String::from_utf8_lossy(&made.stderr)
        ));
    };
    Ok(Cost {
        wall: Duration::from_micros(wall.unsigned_abs()),
        processor: Duration::from_micros(processor.unsigned_abs()),
        memory: memory.unsigned_abs(),
        status,
    })
}
