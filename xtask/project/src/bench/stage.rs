//! Actions laid as a runner has them: ours with a chosen binary, and a peer's entry points.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, at, root};

/// The two entry points of an action.
pub(crate) struct Action {
    pub(crate) main: PathBuf,
    pub(crate) post: PathBuf,
}

/// A copy of `dist` with `binary` as the program of this platform, under the name that Node has for it.
pub(crate) fn ours(place: &Path, binary: &Path, node: &Path) -> Outcome<Action> {
    let script = "process.stdout.write(`${process.platform}-${process.arch}`)";
    let asked = Command::new(node)
        .args(["-e", script])
        .output()
        .map_err(at(node))?;
    let shelf = place
        .join("bin")
        .join(String::from_utf8_lossy(&asked.stdout).as_ref());
    fs::create_dir_all(&shelf).map_err(at(&shelf))?;
    for name in ["launch.js", "main.js", "post.js"] {
        fs::copy(root().join("dist").join(name), place.join(name)).map_err(at(place))?;
    }
    let program = shelf.join(format!("rolehop{}", std::env::consts::EXE_SUFFIX));
    fs::copy(binary, &program).map_err(at(binary))?;
    Ok(Action {
        main: place.join("main.js"),
        post: place.join("post.js"),
    })
}

/// What the `main:` and `post:` lines of an action name.
pub(crate) fn peer(folder: &Path) -> Outcome<Action> {
    let path = folder.join("action.yml");
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let entry = |key: &str| {
        let mut lines = text.lines().map(str::trim);
        let named = lines.find_map(|line| line.strip_prefix(key));
        let named = named.ok_or_else(|| format!("{} has no {key}", path.display()))?;
        Ok::<_, String>(folder.join(named.trim().trim_matches(['"', '\''])))
    };
    Ok(Action {
        main: entry("main:")?,
        post: entry("post:")?,
    })
}

/// The version that the peer's package names.
pub(crate) fn peer_version(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("package.json")).unwrap_or_default();
    let quoted = |key: &str| {
        let rest = text.split_once(&format!("\"{key}\":"))?.1;
        rest.split('"').nth(1).map(str::to_owned)
    };
    let unknown = || "unknown".to_owned();
    format!(
        "{} {}",
        quoted("name").unwrap_or_else(unknown),
        quoted("version").unwrap_or_else(unknown)
    )
}
