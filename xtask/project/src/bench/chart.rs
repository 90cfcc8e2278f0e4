//! The comparison as a picture, `docs/img/performance.svg`: bars that a person reads in a second.

use std::fmt::Write as _;
use std::fs;

use super::Results;
use super::case::{Group, IDLE, PEER_STEP, STEP};
use crate::{Outcome, at, root};

const WIDTH: f64 = 760.0;
/// Where the bars begin, and how wide the longest is.
const LEFT: f64 = 250.0;
const LONGEST: f64 = 420.0;
const BAR: f64 = 22.0;
const STEP_DOWN: f64 = 30.0;

/// One bar.
struct Bar<'a> {
    label: &'a str,
    milliseconds: f64,
    colour: &'a str,
}

pub(crate) fn write(results: &Results) -> Outcome {
    let folder = root().join("docs/img");
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let path = folder.join("performance.svg");
    fs::write(&path, picture(results)).map_err(at(&path))
}

fn picture(results: &Results) -> String {
    let latency = results.latency_ms;
    let titles = [
        (Group::Near, "A step with OIDC, on loopback".to_owned()),
        (
            Group::Far,
            format!("A step with OIDC, {latency} ms a connection and a request, TLS"),
        ),
    ];
    let mut body = String::new();
    let mut top = 8.0;
    for (group, title) in titles {
        let bars: Vec<Bar<'_>> = [
            ("the launcher alone", IDLE, "#8c959f"),
            ("rolehop", STEP, "#1a7f37"),
            ("configure-aws-credentials", PEER_STEP, "#bc4c00"),
        ]
        .into_iter()
        .filter_map(|(label, name, colour)| {
            let milliseconds = results.wall(group, name)?;
            Some(Bar {
                label,
                milliseconds,
                colour,
            })
        })
        .collect();
        if bars.is_empty() {
            continue;
        }
        let _ = writeln!(
            body,
            "<text x=\"16\" y=\"{:.0}\" class=\"title\">{title}</text>",
            top + 18.0
        );
        top += STEP_DOWN;
        let most = bars.iter().map(|bar| bar.milliseconds).fold(1.0, f64::max);
        for bar in &bars {
            let width = bar.milliseconds / most * LONGEST;
            let middle = top + BAR / 2.0 + 5.0;
            let _ = writeln!(
                body,
                "<text x=\"{:.0}\" y=\"{middle:.0}\" text-anchor=\"end\">{}</text>\
                 <rect x=\"{LEFT:.0}\" y=\"{top:.0}\" width=\"{width:.1}\" height=\"{BAR:.0}\" rx=\"3\" fill=\"{}\"/>\
                 <text x=\"{:.0}\" y=\"{middle:.0}\">{:.0} ms</text>",
                LEFT - 10.0,
                bar.label,
                bar.colour,
                LEFT + width + 8.0,
                bar.milliseconds
            );
            top += STEP_DOWN;
        }
        top += 12.0;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH:.0}\" height=\"{top:.0}\" viewBox=\"0 0 {WIDTH:.0} {top:.0}\" role=\"img\" \
         aria-label=\"wall time of a step, beside the peer's\">\n\
         <style>text{{font:14px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#24292f}}.title{{font-weight:600}}\
         @media(prefers-color-scheme:dark){{text{{fill:#e6edf3}}}}</style>\n{body}</svg>\n"
    )
}
