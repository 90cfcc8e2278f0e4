//! The main job's whole life: the step, what it sent, what it left, a later step, the clean-up.

use fake_aws::FakeAws;

use crate::page::Page;
use crate::runner::{Job, Step, Variables, deploy, uses};
use crate::{Done, check, later_step, requests};

const ARN: &str = "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions";
const EXPORTED: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// What an earlier step left, for another purpose: the end of the job must find it again.
const BEFORE: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS_REGION", "us-east-1"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
];

pub(crate) fn show(page: &mut Page, aws: &FakeAws) -> Done {
    page.section("The step in the workflow")?;
    page.code(&workflow())?;
    page.text(
        "So that there is something to lose, an earlier step has left other keys and another region in the job's \
         environment; section 6 comes back to them.",
    )?;

    let mut job = Job::new(aws, "refs/heads/main")?;
    job.env = BEFORE
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let before = job.env.clone();
    let step = job.main(&deploy())?;
    step.ends_with(0)?;

    sent(page, aws, &step)?;
    logged(page, &step)?;
    landed(page, aws, &step)?;
    later(page, aws, &mut job)?;
    cleaned_up(page, &mut job, &before, &step)
}

fn workflow() -> String {
    let step = uses(&deploy()).trim_end().replace('\n', "\n  ");
    format!(
        "permissions:\n  id-token: write        # the job may ask GitHub to vouch for it\nsteps:\n  {step}\n  - run: \
         ./deploy.sh     # finds the credentials in its environment"
    )
}

fn sent(page: &mut Page, aws: &FakeAws, step: &Step) -> Done {
    page.section("What was sent")?;
    let requests = aws.requests();
    requests::print(page, &requests)?;
    let operations: Vec<&str> = requests
        .iter()
        .map(|request| request.operation.as_str())
        .collect();
    check(
        operations == ["GetIdToken", "AssumeRoleWithWebIdentity"],
        || format!("other requests than expected: {operations:?}"),
    )?;
    page.proved(&format!(
        "2 requests, and no third to ask who the credentials belong to: STS' own answer says it. The step \
         took {} ms{}.",
        step.took.as_millis(),
        if cfg!(debug_assertions) { ", in a build that is not optimized" } else { "" }
    ))
}

fn logged(page: &mut Page, step: &Step) -> Done {
    page.section("The log, as the job's page shows it")?;
    step.print(page)?;
    check(step.log.masks >= 3, || {
        format!("{} masks are too few", step.log.masks)
    })?;
    page.proved(&format!(
        "Not shown, because the runner obeys them: {} lines `::add-mask::…`. From there on it puts *** for those \
         values, whoever prints them.",
        step.log.masks
    ))
}

fn landed(page: &mut Page, aws: &FakeAws, step: &Step) -> Done {
    page.section("What landed in the job")?;
    page.text("the environment of the next steps (GITHUB_ENV)")?;
    page.pairs(&shown(&step.env))?;
    page.text("this step's outputs (GITHUB_OUTPUT)")?;
    page.pairs(&shown(&step.output))?;
    page.text("the identity card on the run's page (GITHUB_STEP_SUMMARY)")?;
    page.pairs(&card(&step.summary))?;
    let names: Vec<&str> = step.env.keys().map(String::as_str).collect();
    check(names == EXPORTED, || format!("exported was {names:?}"))?;
    let session = aws.session(value(&step.env, "AWS_ACCESS_KEY_ID"));
    let session = session.ok_or("the exported access key is none that STS has issued")?;
    let same = session.secret_access_key == value(&step.env, "AWS_SECRET_ACCESS_KEY")
        && session.session_token == value(&step.env, "AWS_SESSION_TOKEN");
    check(same, || {
        "the exported keys are not those of one session".to_owned()
    })?;
    check(
        session.arn == ARN && value(&step.output, "authenticated-arn") == ARN,
        || format!("the session is {}, not {ARN}", session.arn),
    )?;
    let told = card(&step.summary)
        .iter()
        .any(|(_, text)| text == crate::DEPLOY);
    check(told, || {
        format!("the card does not name the role:\n{}", step.summary)
    })?;
    page.proved(
        "The three keys are those of the one session that STS has issued; output and card name it.",
    )
}

fn later(page: &mut Page, aws: &FakeAws, job: &mut Job) -> Done {
    page.section("A later step, which knows nothing of rolehop")?;
    page.text(
        "A program on the AWS SDK takes deploy.sh's place. It prints its environment, carelessly, and asks STS who \
         it is.",
    )?;
    let step = job.run(&[later_step::WORD], Variables::new())?;
    step.ends_with(0)?;
    step.print(page)?;
    let said = step
        .log
        .lines
        .iter()
        .any(|line| *line == format!("GetCallerIdentity: {ARN}"));
    check(said && aws.count("GetCallerIdentity") == 1, || {
        "the later step is somebody else".to_owned()
    })?;
    let hidden = step
        .log
        .lines
        .iter()
        .filter(|line| line.ends_with("=***"))
        .count();
    check(hidden == 3, || {
        format!("{hidden} values are masked in the later step's log, not 3")
    })?;
    page.proved("The later step is the role, and its log shows none of the three secrets.")
}

fn cleaned_up(page: &mut Page, job: &mut Job, before: &Variables, main: &Step) -> Done {
    page.section("The end of the job: the clean-up")?;
    let during = job.env.clone();
    let post = job.post(main)?;
    post.ends_with(0)?;
    post.print(page)?;
    let mut rows = vec![
        [
            "variable",
            "before the step",
            "after it",
            "after the clean-up",
        ]
        .map(str::to_owned),
    ];
    for name in EXPORTED {
        let cell = |env: &Variables| match (show_value(name, value(env, name)), value(env, name)) {
            (hidden, text) if hidden == "***" && text == value(before, name) => {
                "*** (earlier)".to_owned()
            }
            (hidden, _) if hidden == "***" => "*** (the role's)".to_owned(),
            (shown, _) => shown,
        };
        rows.push([name.to_owned(), cell(before), cell(&during), cell(&job.env)]);
        check(value(&job.env, name) == value(before, name), || {
            format!("{name} is not what it was before the step")
        })?;
    }
    page.table(&rows)?;
    page.proved(
        "Every variable is as an earlier step of the job had left it. A runner cannot unset one: an empty value is \
         its absence. A profile that the step has written would be taken out of the AWS files too.",
    )
}

fn value<'a>(pairs: &'a Variables, name: &str) -> &'a str {
    pairs.get(name).map_or("", String::as_str)
}

fn shown(pairs: &Variables) -> Vec<(&str, String)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), long(name, value)))
        .collect()
}

fn long(name: &str, value: &str) -> String {
    match show_value(name, value) {
        hidden if hidden != value => format!("{hidden} ({} characters)", value.chars().count()),
        whole => whole,
    }
}

/// Of a key its kind, of a secret nothing.
fn show_value(name: &str, value: &str) -> String {
    match (name, value) {
        (_, "") => "-".to_owned(),
        ("AWS_ACCESS_KEY_ID", key) => format!("{}***", key.chars().take(4).collect::<String>()),
        ("AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN", _) => "***".to_owned(),
        (_, value) => value.to_owned(),
    }
}

/// The rows of the card's markdown, as a browser would show them.
pub(crate) fn card(markdown: &str) -> Vec<(String, String)> {
    let row = |line: &str| {
        let (name, value) = line
            .strip_prefix("| ")?
            .strip_suffix(" |")?
            .split_once(" | ")?;
        Some((plain(name), plain(value)))
    };
    let rows = markdown.lines().filter_map(row);
    rows.filter(|(name, _)| !name.is_empty() && !name.starts_with('-'))
        .collect()
}

fn plain(html: &str) -> String {
    let marks = [
        ("<code>", ""),
        ("</code>", ""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#124;", "|"),
        ("&#96;", "`"),
        ("&#91;", "["),
        ("&#64;", "@"),
        ("&amp;", "&"),
    ];
    marks.iter().fold(html.to_owned(), |text, (mark, shown)| {
        text.replace(mark, shown)
    })
}
