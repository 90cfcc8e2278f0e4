//! The tools that `cargo xtask test` has fetched. Where it says so, none may be missing.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Once;

const NEEDED: [&str; 10] = [
    "bin/act",
    "bin/aws",
    "bin/python",
    "bin/ministack",
    "bin/hadolint",
    "bin/kubernetes-validate",
    "bin/shellcheck",
    "gitlab-ci-local/dist/index.js",
    "node/bin/node",
    "simulator/node_modules/@cloud-copilot/iam-simulate",
];

/// The folder of the tools.
#[derive(Debug, Clone)]
pub(super) struct Tools(PathBuf);

impl Tools {
    /// None, and a line that says so, when the tests were started without `cargo xtask test`.
    pub(super) fn find() -> Option<Self> {
        static SAID: Once = Once::new();
        let Some(folder) = std::env::var_os("ROLEHOP_TOOLS") else {
            // The harness would keep what a passing test prints.
            SAID.call_once(|| {
                let _ = writeln!(std::io::stderr(), "skipped: run cargo xtask test");
            });
            return None;
        };
        let tools = Self(folder.into());
        for tool in NEEDED {
            let path = tools.path(tool);
            assert!(path.exists(), "{} is not there", path.display());
        }
        Some(tools)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}
