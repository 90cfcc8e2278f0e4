//! Another program that is asked something: started without a shell, its output taken whole.

use std::process::Stdio;

use crate::model::Secret;

/// How it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) succeeded: bool,
    /// `ended with status 1`
    pub(crate) status: String,
    /// Standard output; who asked knows whether it is a secret.
    pub(crate) output: Secret,
    /// Standard error.
    pub(crate) errors: String,
}

/// Why there is no end to tell of.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("cannot be started: {0}")]
    NotStarted(std::io::Error),
    #[error("cannot be waited for: {0}")]
    Lost(std::io::Error),
}

/// Runs it to its end. It has our environment and no input, and is ended when nobody waits for it any more: how long that is
/// is the caller's to say.
pub(crate) async fn run(program: &str, words: &[&str]) -> Result<Ended, Fault> {
    let child = tokio::process::Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(Fault::NotStarted)?;
    let output = child.wait_with_output().await.map_err(Fault::Lost)?;
    let status = match output.status.code() {
        Some(code) => format!("ended with status {code}"),
        None => "was ended by a signal".to_owned(),
    };
    Ok(Ended {
        succeeded: output.status.success(),
        status,
        output: Secret::new(String::from_utf8_lossy(&output.stdout)),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
