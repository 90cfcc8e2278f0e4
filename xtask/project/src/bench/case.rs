//! What is measured: a command, what it is given, and how we see that it did its work.

use std::path::Path;

use fake_aws::World;

use super::far::{ACCOUNTS, Distance, FarSide};
use super::options::Options;
use super::stage::{self, Action};
use crate::Outcome;

/// How a run shows that it did its work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// It ends with success.
    Success,
    /// It exports credentials through `GITHUB_ENV`.
    Credentials,
    /// It empties or restores what main exported.
    CleanedUp,
    /// It fails, having exported nothing.
    Refusal,
    /// It writes so many profiles.
    Profiles(usize),
    /// It ends with success, and the far side hears nothing of it.
    Silence,
}

/// What comes before the runs of a case, once.
pub(crate) struct Before {
    pub(crate) command: Vec<String>,
    /// In the place of the case's own.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) leaves: Leaves,
}

/// What the runs get of what came before them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// The variables and the state of the main phase, as a runner gives them to the post phase.
    Job,
    /// The file that the profile's `credential_process` names, as the last argument.
    Plan,
}

/// One row of a table.
pub(crate) struct Case {
    pub(crate) group: Group,
    pub(crate) name: String,
    pub(crate) command: Vec<String>,
    /// Beside the environment that every case has.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) distance: Distance,
    pub(crate) expect: Expect,
    pub(crate) before: Option<Before>,
    /// Once is enough: it takes minutes.
    pub(crate) once: bool,
}

/// A table of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Near,
    Far,
    Targets,
}

impl Group {
    pub(crate) const ALL: [Self; 3] = [Self::Near, Self::Far, Self::Targets];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Near => "On loopback, no latency",
            Self::Far => "Over TLS, with latency",
            Self::Targets => "Several targets in one step, over TLS, with latency",
        }
    }
}

/// The programs that take part.
pub(crate) struct Cast {
    pub(crate) node: String,
    pub(crate) binary: String,
    pub(crate) ours: Action,
    /// The launcher with a program that does nothing in the binary's place.
    pub(crate) idle: Option<Action>,
    pub(crate) peer: Option<Action>,
    pub(crate) aws: Option<String>,
    pub(crate) curl: bool,
}

/// The row that ratios are to.
pub(crate) const BASE: &str = "node -e 0";
pub(crate) const IDLE: &str = "the launcher starting /bin/true";
pub(crate) const STEP: &str = "rolehop, the step (OIDC)";
pub(crate) const KEYS: &str = "rolehop, the step (keys and role)";
pub(crate) const DENIED: &str = "rolehop, a denied role";
pub(crate) const POST: &str = "rolehop, post";
pub(crate) const BINARY: &str = "rolehop, the binary alone (OIDC)";
pub(crate) const PROCESS: &str = "rolehop credential-process, from the session that is kept";
pub(crate) const PEER_STEP: &str = "the peer, the step (OIDC)";
pub(crate) const PEER_KEYS: &str = "the peer, the step (keys and role)";
pub(crate) const PEER_POST: &str = "the peer, post";
pub(crate) const PEER_DENIED: &str = "the peer, a denied role (once)";

/// A step of so many targets behind one hub: the binary alone.
pub(crate) fn behind_hub(targets: usize) -> String {
    match targets {
        1 => "1 target behind a hub".to_owned(),
        many => format!("{many} targets behind a hub"),
    }
}

const HUB: &str = "arn:aws:iam::123456789012:role/hub";
pub(super) const DEPLOY: &str = "arn:aws:iam::123456789012:role/deploy";
/// No token may assume it.
const OPS: &str = "arn:aws:iam::123456789012:role/ops";

/// Every case that these programs and options allow.
pub(crate) fn all(
    cast: &Cast,
    options: &Options,
    far_side: &FarSide,
    place: &Path,
) -> Outcome<Vec<Case>> {
    let mut cases = Vec::new();
    for (group, distance) in [(Group::Near, Distance::Near), (Group::Far, Distance::Far)] {
        let row = |name: &str, command: &[&str], variables: Vec<(String, String)>, expect| Case {
            group,
            name: name.to_owned(),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            variables,
            distance,
            expect,
            before: None,
            once: false,
        };
        let main = |action: &Action| action.main.display().to_string();
        let node = cast.node.as_str();
        if group == Group::Near {
            cases.push(row(BASE, &[node, "-e", "0"], Vec::new(), Expect::Success));
        }
        if let Some(idle) = &cast.idle {
            cases.push(row(IDLE, &[node, &main(idle)], Vec::new(), Expect::Success));
        }
        let ours = main(&cast.ours);
        cases.push(row(STEP, &[node, &ours], oidc(DEPLOY), Expect::Credentials));
        cases.push(row(KEYS, &[node, &ours], keys(), Expect::Credentials));
        cases.push(row(DENIED, &[node, &ours], oidc(OPS), Expect::Refusal));
        let binary = cast.binary.as_str();
        cases.push(row(
            BINARY,
            &[binary, "action", "main"],
            oidc(DEPLOY),
            Expect::Credentials,
        ));
        if group == Group::Near {
            cases.push(after(
                row(
                    POST,
                    &[node, &cast.ours.post.display().to_string()],
                    oidc(DEPLOY),
                    Expect::CleanedUp,
                ),
                &[node, &ours],
            ));
            cases.push(row(
                "rolehop exec -- true",
                &[binary, "exec", "--", "/bin/true"],
                as_commands(&oidc(DEPLOY)),
                Expect::Success,
            ));
            cases.push(process(
                row(PROCESS, &[], Vec::new(), Expect::Silence),
                binary,
            ));
            cases.extend(others(cast, far_side, place, &row)?);
        }
        if let Some(peer) = &cast.peer {
            let theirs = main(peer);
            cases.push(row(
                PEER_STEP,
                &[node, &theirs],
                oidc(DEPLOY),
                Expect::Credentials,
            ));
            cases.push(row(
                PEER_KEYS,
                &[node, &theirs],
                keys(),
                Expect::Credentials,
            ));
            if group == Group::Near {
                cases.push(after(
                    row(
                        PEER_POST,
                        &[node, &peer.post.display().to_string()],
                        oidc(DEPLOY),
                        Expect::CleanedUp,
                    ),
                    &[node, &theirs],
                ));
            }
            if group == Group::Near && options.peer_denied {
                let denied = row(PEER_DENIED, &[node, &theirs], oidc(OPS), Expect::Refusal);
                cases.push(Case {
                    once: true,
                    ..denied
                });
            }
        }
    }
    cases.extend([1, 10, 100, ACCOUNTS].map(|targets| several(cast, targets)));
    cases.retain(|case| options.wants(case.group.title(), &case.name));
    Ok(cases)
}

/// A step with `roles`.
pub(super) fn several(cast: &Cast, targets: usize) -> Case {
    let line = |n| format!("account-{n} = {HUB} > {}\n", World::fleet_role(n));
    let roles: String = (0..targets).map(line).collect();
    Case {
        group: Group::Targets,
        name: behind_hub(targets),
        command: [&cast.binary, "action", "main"].map(str::to_owned).to_vec(),
        variables: inputs(&[
            ("aws-region", "eu-west-1"),
            ("roles", &roles),
            ("audience", "sts.amazonaws.com"),
        ]),
        distance: Distance::Fleet,
        expect: Expect::Profiles(targets),
        before: None,
        once: false,
    }
}

/// What people use without an action.
fn others(
    cast: &Cast,
    far_side: &FarSide,
    place: &Path,
    row: &impl Fn(&str, &[&str], Vec<(String, String)>, Expect) -> Case,
) -> Outcome<Vec<Case>> {
    let fake = far_side.of(Distance::Near);
    let mut cases = Vec::new();
    if cast.curl {
        let bearer = format!("authorization: Bearer {}", fake.oidc_request_token());
        let url = format!("{}&audience=sts.amazonaws.com", fake.oidc_request_url());
        cases.push(row(
            "curl, the token request alone",
            &["curl", "--silent", "--fail", "--header", &bearer, &url],
            Vec::new(),
            Expect::Success,
        ));
    }
    if let Some(aws) = &cast.aws {
        let token = place.join("token");
        std::fs::write(&token, fake.id_token("sts.amazonaws.com")).map_err(crate::at(&token))?;
        let token = format!("file://{}", token.display());
        cases.push(row(
            "the AWS CLI, the exchange alone",
            &[
                aws,
                "sts",
                "assume-role-with-web-identity",
                "--role-arn",
                DEPLOY,
                "--role-session-name",
                "bench",
                "--web-identity-token",
                &token,
            ],
            Vec::new(),
            Expect::Success,
        ));
    }
    Ok(cases)
}

pub(super) fn after(case: Case, main: &[&str]) -> Case {
    let before = Before {
        command: main.iter().map(|word| (*word).to_owned()).collect(),
        variables: case.variables.clone(),
        leaves: Leaves::Job,
    };
    Case {
        before: Some(before),
        ..case
    }
}

/// What an AWS tool starts for the profile that an earlier step wrote. Its session outlives the benchmark.
pub(super) fn process(case: Case, binary: &str) -> Case {
    let mut variables = oidc(DEPLOY);
    variables.extend(inputs(&[
        ("refresh", "process"),
        ("role-duration-seconds", "3600"),
    ]));
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let before = Before {
        command: words(&[binary, "action", "main"]),
        variables,
        leaves: Leaves::Plan,
    };
    Case {
        command: words(&[binary, "credential-process", "--from"]),
        before: Some(before),
        ..case
    }
}

fn inputs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let name = |name: &str| format!("INPUT_{}", name.to_ascii_uppercase());
    let pairs = pairs.iter();
    pairs
        .map(|(input, value)| (name(input), (*value).to_owned()))
        .collect()
}

pub(super) fn oidc(role: &str) -> Vec<(String, String)> {
    inputs(&[
        ("aws-region", "eu-west-1"),
        ("role-to-assume", role),
        ("audience", "sts.amazonaws.com"),
    ])
}

pub(super) fn keys() -> Vec<(String, String)> {
    inputs(&[
        ("aws-region", "eu-west-1"),
        ("role-to-assume", OPS),
        ("aws-access-key-id", "AKIAIOSFODNN7EXAMPLE"),
        (
            "aws-secret-access-key",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ),
        ("audience", "sts.amazonaws.com"),
    ])
}

/// The same settings under the names that commands know.
pub(super) fn as_commands(inputs: &[(String, String)]) -> Vec<(String, String)> {
    let name = |name: &String| name.replacen("INPUT_", "ROLEHOP_", 1).replace('-', "_");
    inputs
        .iter()
        .map(|(input, value)| (name(input), value.clone()))
        .collect()
}

/// The cast of this machine.
pub(crate) fn cast(options: &Options, binary: &Path, node: &Path, place: &Path) -> Outcome<Cast> {
    let word = |path: &Path| path.display().to_string();
    let truth = Path::new("/bin/true");
    let idle = truth
        .exists()
        .then(|| stage::ours(&place.join("idle"), truth, node));
    let aws = crate::target_dir().join("tools/bin/aws");
    if !aws.exists() {
        eprintln!(
            "without the AWS CLI, which `cargo xtask test` fetches: {} is missing",
            aws.display()
        );
    }
    let curl = std::process::Command::new("curl").arg("--version").output();
    Ok(Cast {
        node: word(node),
        binary: word(binary),
        ours: stage::ours(&place.join("step"), binary, node)?,
        idle: idle.transpose()?,
        peer: options.peer.as_deref().map(stage::peer).transpose()?,
        aws: aws.exists().then(|| word(&aws)),
        curl: curl.is_ok_and(|output| output.status.success()),
    })
}
