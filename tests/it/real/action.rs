//! The action as `uses:` finds it, with the binary under test where a release has the built one.

use std::fs;
use std::path::Path;

/// A folder that can stand for the action's repository.
pub(super) struct Action(tempfile::TempDir);

impl Action {
    pub(super) fn stage() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        // On the binary's own file system, so that it can be linked: while a copy is written, a process that another
        // test starts may inherit the open file, and then nobody can run it.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let platform = format!("dist/bin/linux-{}", processor());
        fs::create_dir_all(folder.path().join(&platform)).expect("the folder of the binary");
        for file in [
            "action.yml",
            "dist/launch.js",
            "dist/main.js",
            "dist/post.js",
        ] {
            fs::copy(root.join(file), folder.path().join(file)).expect("a file of the action");
        }
        fs::hard_link(
            env!("CARGO_BIN_EXE_rolehop"),
            folder.path().join(platform).join("rolehop"),
        )
        .expect("the binary");
        Self(folder)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Node's name of this processor.
fn processor() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}
