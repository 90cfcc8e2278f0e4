//! The headings of a Markdown page, as links address them.

/// The anchors of the page's headings, by GitHub's rule.
pub(crate) fn anchors(page: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in page.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if !fenced && line.starts_with('#') {
            found.push(slug(line.trim_start_matches('#').trim()));
        }
    }
    found
}

fn slug(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::anchors;

    #[test]
    fn headings_become_anchors() {
        let page =
            "# A page\ntext\n```sh\n# no heading\n```\n## `aws-profile`: edited, not rewritten\n";
        assert_eq!(
            anchors(page),
            ["a-page", "aws-profile-edited-not-rewritten"]
        );
    }
}
