//! Three roles in three accounts, one after another, in one step.

use fake_aws::FakeAws;

use crate::page::Page;
use crate::runner::{Job, uses};
use crate::{Done, REGION, check};

const HUB: &str = "arn:aws:iam::123456789012:role/hub";
const SPOKE: &str = "arn:aws:iam::210987654321:role/spoke";
const LEAF: &str = "arn:aws:iam::333333333333:role/leaf";
const ARN: &str = "arn:aws:sts::333333333333:assumed-role/leaf/GitHubActions";

pub(crate) fn show(page: &mut Page, aws: &FakeAws) -> Done {
    page.section("Through three accounts in one step: hub > spoke > leaf")?;
    let roles = [HUB, SPOKE, LEAF].join("\n");
    let inputs = [
        ("aws-region", REGION),
        ("role-to-assume", roles.as_str()),
        ("session-tags", "Team=web"),
        ("transitive-tag-keys", "Team"),
    ];
    page.code(&uses(&inputs))?;
    aws.clear();
    let sessions_before = aws.sessions().len();
    let mut job = Job::new(aws, "refs/heads/main")?;
    let step = job.main(&inputs)?;
    step.ends_with(0)?;
    let sessions = aws.sessions().split_off(sessions_before);
    let mut rows =
        vec![["request", "asked for by", "identity", "lives", "tags"].map(str::to_owned)];
    rows.push(["GET  token", "the job", "-", "-", "-"].map(str::to_owned));
    let mut caller = "the token";
    for (session, name) in sessions.iter().zip(["hub", "spoke", "leaf"]) {
        rows.push([
            format!("POST {}", session.operation),
            caller.to_owned(),
            session
                .arn
                .replace("arn:aws:sts::", "")
                .replace("/GitHubActions", ""),
            format!("{} min", session.duration / 60),
            session.tags.len().to_string(),
        ]);
        caller = name;
    }
    page.table(&rows)?;
    let requests = aws.requests().len();
    check(requests == 4, || format!("{requests} requests, not 4"))?;
    let last = sessions.last().ok_or("STS has issued no session")?;
    let exported = step
        .env
        .get("AWS_ACCESS_KEY_ID")
        .is_some_and(|key| *key == last.access_key_id);
    check(exported && last.arn == ARN, || {
        format!("the exported identity is {}", last.arn)
    })?;
    let left: Vec<&String> = step
        .env
        .values()
        .chain(step.output.values())
        .chain(step.state.values())
        .collect();
    let passing = sessions
        .iter()
        .filter(|session| session.access_key_id != last.access_key_id);
    for session in passing {
        let seen = left
            .iter()
            .any(|value| value.contains(&session.secret_access_key));
        check(!seen, || {
            format!("the keys of {} were handed over", session.arn)
        })?;
    }
    let tagged = last.tags.get("Team").is_some_and(|team| team == "web");
    check(tagged, || "the last session lacks the tag Team".to_owned())?;
    page.proved(&format!(
        "4 requests. Only the last session left the process, as {ARN}, tagged Team=web beside the job's own tags; \
         the sessions on the way live for 15 minutes, the least that AWS grants."
    ))
}
