//! Where a run keeps what a later one needs: a private folder, of the job where there is one, else of the user.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::env::Env;

/// The folder; it is made, with mode 0700, by whoever writes the first file.
///
/// A runner empties `RUNNER_TEMP` when the job ends, and no other job reads it.
pub(crate) fn folder(env: &Env) -> Option<PathBuf> {
    if let Some(temp) = env.get("RUNNER_TEMP") {
        return Some(PathBuf::from(temp).join("rolehop"));
    }
    let absolute = |name: &str| env.get(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("LOCALAPPDATA").filter(|_| cfg!(windows)))
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    base.map(|base| base.join("rolehop"))
}

/// Writes a small file of its owner's that nobody would miss: at once, without the pains that a secret or a user's file is worth.
/// One that is there stays.
pub(crate) fn note(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (mut folder, mut file) = (DirBuilder::new(), OpenOptions::new());
    folder.recursive(true);
    file.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        file.mode(0o600);
    }
    folder.create(path.parent().unwrap_or(path))?;
    file.open(path)?.write_all(bytes)
}

/// A name that tells nothing of what it was made from.
pub(crate) fn name(kind: &str, parts: &[&str]) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    let digest = context.finish();
    let hex = |byte: &u8| format!("{byte:02x}");
    let hex: String = digest.as_ref().iter().take(12).map(hex).collect();
    format!("{kind}-{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_job_s_folder_comes_before_the_user_s() {
        let root = if cfg!(windows) { "C:" } else { "" };
        let [home, cache] = ["/home/me", "/c"].map(|path| format!("{root}{path}"));
        let in_home = format!("{home}/.cache/rolehop");
        let in_cache = format!("{cache}/rolehop");
        let home = ("HOME", home.as_str());
        for (env, folder_is) in [
            (Env::from([home]), Some(in_home.as_str())),
            (
                Env::from([home, ("XDG_CACHE_HOME", &cache)]),
                Some(in_cache.as_str()),
            ),
            (
                Env::from([home, ("XDG_CACHE_HOME", "relative")]),
                Some(in_home.as_str()),
            ),
            (Env::from([home, ("RUNNER_TEMP", "/t")]), Some("/t/rolehop")),
            (Env::default(), None),
        ] {
            assert_eq!(folder(&env), folder_is.map(PathBuf::from));
        }
    }

    #[test]
    fn names_differ_where_their_parts_do() {
        assert_ne!(name("a", &["b", "c"]), name("a", &["bc"]));
        assert_ne!(name("a", &["b", "c"]), name("a", &["b", "d"]));
        assert_eq!(name("a", &["b"]).len(), 2 + 24);
    }
}
