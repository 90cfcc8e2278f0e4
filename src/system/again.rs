//! A process that begins again without variables that are there and empty. The SDK reads the environment by itself and takes
//! each of these for a setting, whereas a step that empties a variable means that there is none: no runner can remove one.
//! Windows has no way to become another process, and its own tools take setting nothing for removing.

use super::env::Env;

/// What the SDK's chain stumbles over. Empty keys and an empty region it takes as absent.
const NAMES: [&str; 11] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

/// Tells the process that begins again which they were. Nobody else reads it.
const NOTE: &str = "_ROLEHOP_EMPTY";

/// What the environment was before: the variables that were there and empty are so again, for those who ask.
pub(super) fn recall(env: &mut Env) {
    let Some(note) = env.take(NOTE) else {
        return;
    };
    for name in NAMES {
        if note.split(',').any(|noted| noted == name) {
            env.put_empty(name);
        }
    }
}

/// Does not come back where there are any. Nothing has been said or done yet, and the process stays the same to others.
pub(super) fn without_empty(env: &Env) {
    use std::os::unix::process::CommandExt as _;

    let empty: Vec<&str> = NAMES
        .into_iter()
        .filter(|name| env.is_empty(name))
        .collect();
    if empty.is_empty() {
        return;
    }
    let Ok(program) = std::env::current_exe() else {
        return;
    };
    let mut command = std::process::Command::new(program);
    command.args(std::env::args_os().skip(1));
    command.env(NOTE, empty.join(","));
    for name in empty {
        command.env_remove(name);
    }
    // A system that refuses it leaves things as they are: only the machine's own credentials may not be found.
    let _ = command.exec();
}
