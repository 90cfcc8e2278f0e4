//! The doorway: capture what the process was given, run, return the status.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(rolehop::run(&rolehop::System::capture()))
}
