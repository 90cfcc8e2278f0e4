//! The parts as `CycloneDX`, a format that scanners read. Neither a time nor a random number, so that the same tree gives
//! the same bytes.

use serde_json::{Value, json};

use super::part::{Id, Part};
use crate::sh::Outcome;

pub(super) fn document((name, version): &Id, parts: &[Part]) -> Outcome<String> {
    // Not `pkg:cargo`: the project is in no registry, and that name could be anybody's.
    let root = format!("pkg:generic/{name}@{version}");
    let direct = parts.iter().filter(|part| part.direct);
    let mut graph = vec![edges(&root, direct.map(|part| part.purl.clone()).collect())];
    graph.extend(
        parts
            .iter()
            .map(|part| edges(&part.purl, part.needs.clone())),
    );
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": name,
                "version": version,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
                "purl": root,
            },
        },
        "components": parts.iter().map(component).collect::<Vec<_>>(),
        "dependencies": graph,
    });
    let text = serde_json::to_string_pretty(&document).map_err(|e| format!("the SBOM: {e}"))?;
    Ok(text + "\n")
}

fn component(part: &Part) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        // A macro runs in the compiler and is in no binary.
        "scope": if part.linked { "required" } else { "excluded" },
        "licenses": [{ "expression": part.licence }],
        "purl": part.purl,
        "externalReferences": [{ "type": "vcs", "url": part.repository }],
    });
    if let Some(sum) = &part.checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    component
}

fn edges(of: &str, mut needs: Vec<String>) -> Value {
    needs.sort();
    needs.dedup();
    json!({ "ref": of, "dependsOn": needs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::part::crate_url;

    fn part(name: &str, needs: &[&str]) -> Part {
        let url = |name: &str| crate_url(&(name.to_owned(), "1.0.0+x".to_owned()));
        Part {
            name: name.to_owned(),
            version: "1.0.0+x".to_owned(),
            licence: "MIT".to_owned(),
            repository: "https://example.com".to_owned(),
            purl: url(name),
            checksum: Some("ab".repeat(32)),
            linked: name != "b",
            direct: name == "a",
            needs: needs.iter().map(|name| url(name)).collect(),
            ..Part::default()
        }
    }

    #[test]
    fn the_same_parts_give_the_same_bytes() {
        let root = ("rolehop".to_owned(), "0.2.0".to_owned());
        let make =
            |needs: &[&str]| document(&root, &[part("a", needs), part("b", &[]), part("c", &[])]);
        let text = make(&["b", "c"]).expect("a document");
        assert_eq!(make(&["c", "b", "c"]).expect("a document"), text);

        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read["components"][0]["purl"], "pkg:cargo/a@1.0.0%2Bx");
        assert_eq!(
            read["components"][0]["hashes"][0]["content"],
            "ab".repeat(32)
        );
        let scopes = [0, 1].map(|n| read["components"][n]["scope"].clone());
        assert_eq!(scopes, ["required", "excluded"]);
        let expected = json!([
            { "ref": "pkg:generic/rolehop@0.2.0", "dependsOn": ["pkg:cargo/a@1.0.0%2Bx"] },
            { "ref": "pkg:cargo/a@1.0.0%2Bx", "dependsOn": ["pkg:cargo/b@1.0.0%2Bx", "pkg:cargo/c@1.0.0%2Bx"] },
            { "ref": "pkg:cargo/b@1.0.0%2Bx", "dependsOn": [] },
            { "ref": "pkg:cargo/c@1.0.0%2Bx", "dependsOn": [] },
        ]);
        assert_eq!(read["dependencies"], expected);
    }
}
