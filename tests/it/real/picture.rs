//! The picture in README.md: the log of a refused deployment, as act prints it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use fake_aws::{FakeAws, World};

use super::act::Workflow;
use super::tools::Tools;
use crate::trust::claims;

/// The terminal's width, in characters.
const COLUMNS: usize = 116;
/// In pixels: a line, the margin, and the whole for as many columns in the widest of the fonts.
const LINE: usize = 17;
const MARGIN: usize = 16;
const WIDTH: usize = 2 * MARGIN + COLUMNS * 73 / 10;

const STYLE: &str = "text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', \
                     monospace; fill: #d1d7e0; white-space: pre; } .job { fill: #56b6c2; }";

/// What rolehop says in the job, without the lines of act around it and without the annotation, which is one long line.
fn log(tools: &Tools) -> String {
    let mut world = World::demo();
    world.claims = claims("environment");
    let fake = FakeAws::start(world);
    let job = Workflow::new(tools, &fake, "refused.yml")
        .may_request_tokens()
        .run()
        .fails();
    let lines = job.log.lines();
    let lines = lines.skip_while(|line| !line.contains("| source: "));
    let lines: Vec<&str> = lines
        .take_while(|line| !line.contains("|     note: "))
        .collect();
    lines.join("\n")
}

/// The log in a terminal, which breaks its lines where they reach the edge.
fn draw(log: &str) -> String {
    let mut rows: Vec<(&str, String)> = Vec::new();
    for line in log.lines() {
        let (job, rest) = line.split_at(line.find(']').map_or(0, |at| at + 1));
        let rest: Vec<char> = rest.trim_end().chars().collect();
        let (first, more) = rest.split_at(rest.len().min(COLUMNS - job.len()));
        rows.push((job, first.iter().collect()));
        rows.extend(more.chunks(COLUMNS).map(|row| ("", row.iter().collect())));
    }
    let height = 2 * MARGIN + rows.len() * LINE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">\n\
         <style>{STYLE}</style>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#151b23\"/>\n"
    );
    for (at, (job, rest)) in rows.iter().enumerate() {
        let y = MARGIN + 12 + at * LINE;
        let job = match *job {
            "" => String::new(),
            job => format!("<tspan class=\"job\">{job}</tspan>"),
        };
        let rest = rest
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let _ = writeln!(
            svg,
            "<text x=\"{MARGIN}\" y=\"{y}\" xml:space=\"preserve\">{job}{rest}</text>"
        );
    }
    svg + "</svg>\n"
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/img/refused.svg")
}

/// Without what is another one in each run.
fn without_the_request_id(svg: &str) -> String {
    let (before, after) = svg.split_once("cause: request id ").expect("a request id");
    let (_, after) = after.split_once('<').expect("the end of the line");
    format!("{before}<{after}")
}

#[test]
fn the_picture_is_what_act_prints_now() {
    let Some(tools) = Tools::find() else { return };
    let committed = fs::read_to_string(file()).expect("the picture");
    let drawn = draw(&log(&tools));
    assert_eq!(
        without_the_request_id(&committed),
        without_the_request_id(&drawn),
        "`draw_the_picture` draws it anew"
    );
}

#[test]
#[ignore = "writes docs/img/refused.svg"]
fn draw_the_picture() {
    let tools = Tools::find().expect("ROLEHOP_TOOLS says where the tools are");
    fs::create_dir_all(file().parent().expect("a folder")).expect("the folder");
    fs::write(file(), draw(&log(&tools))).expect("written");
}
