//! The version and the SHA-256 that the integrations of other CI systems fetch the binary by.

use std::fs;

use crate::sh::{self, Outcome};

/// What they fetch.
pub(crate) const PLATFORM: &str = "linux-x64";

/// Where both are to be found.
const RECIPE: &str = "integrations/container/Dockerfile";

/// Puts this version and this digest into every file that has the ones of before.
pub(crate) fn follow(digest: &str) -> Outcome {
    let recipe = read(RECIPE)?;
    let old = pins(&recipe).ok_or_else(|| format!("{RECIPE} pins no version and no SHA-256"))?;
    let mut changed = 0;
    for path in sh::tracked()? {
        let name = path.to_string_lossy();
        if !(name.starts_with("integrations/") || name.starts_with("docs/ci/")) {
            continue;
        }
        let text = read(&name)?;
        let now = moved(&text, old, (env!("CARGO_PKG_VERSION"), digest));
        if now != text {
            fs::write(sh::root().join(&path), now).map_err(|e| format!("{name}: {e}"))?;
            changed += 1;
        }
    }
    println!("{changed} files of the integrations follow");
    Ok(())
}

/// The text with another version and another digest.
fn moved(text: &str, old: (&str, &str), new: (&str, &str)) -> String {
    text.replace(old.1, new.1).replace(old.0, new.0)
}

/// The version in the recipe's URL, and its checksum.
fn pins(recipe: &str) -> Option<(&str, &str)> {
    let version = recipe.split("/OWNER/rolehop/v").nth(1)?.split('/').next()?;
    let digest = recipe.split("--checksum=sha256:").nth(1)?.get(..64)?;
    Some((version, digest))
}

fn read(path: &str) -> Outcome<String> {
    fs::read_to_string(sh::root().join(path)).map_err(|e| format!("{path}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipe_has_this_version_and_a_digest() {
        let recipe = read(RECIPE).expect("the recipe");
        let (version, digest) = pins(&recipe).expect("pins");
        assert_eq!(version, env!("CARGO_PKG_VERSION"));
        assert!(digest.len() == 64 && digest.chars().all(|c| c.is_ascii_hexdigit()));

        let next = ("4.7.11", "ab".repeat(32));
        let next = (next.0, next.1.as_str());
        let now = moved(&recipe, (version, digest), next);
        assert_eq!(pins(&now), Some(next));
        assert_eq!(moved(&now, next, (version, digest)), recipe);
    }
}
