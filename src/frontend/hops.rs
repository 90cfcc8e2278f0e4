//! The chain of roles: which of the session's settings belongs to which hop.

use super::raw::Reader;
use super::{pairs, policy, template};
use crate::host::Job;
use crate::model::arn::RoleRef;
use crate::model::invalid::shown;
use crate::model::request::{Hop, Source};
use crate::model::session::{ExternalId, SessionName, SourceIdentity};
use crate::model::tags::{MOST_TAGS, Priority, Tag};
use crate::model::{InlinePolicy, Invalid, PolicyArn, SessionDuration};

/// What the user says of the session, before it is dealt out to the hops.
struct Wishes {
    session: SessionName,
    duration: SessionDuration,
    external_id: Option<ExternalId>,
    source_identity: Option<SourceIdentity>,
    policy: Option<InlinePolicy>,
    policy_arns: Vec<PolicyArn>,
    tags: Vec<Tag>,
    transitive_tag_keys: Vec<String>,
}

/// The roles of one target, and where they were written.
pub(super) struct Chain {
    pub(super) roles: Vec<RoleRef>,
    /// The line of `roles`; nothing for `role-to-assume`.
    pub(super) line: Option<usize>,
}

impl Chain {
    pub(super) fn of_setting(roles: Vec<RoleRef>) -> Self {
        Self { roles, line: None }
    }

    pub(super) fn of_line(number: usize, roles: Vec<RoleRef>) -> Self {
        Self {
            roles,
            line: Some(number),
        }
    }
}

/// The hops of every chain: what is asked of the sessions is read once, and dealt to each.
pub(super) fn parse(
    reader: &mut Reader<'_>,
    job: &Job,
    source: &Source,
    chains: &[Chain],
    warnings: &mut Vec<String>,
) -> Vec<Vec<Hop>> {
    let wishes = wishes(reader, job, warnings);
    let by_token = source.is_token();
    let longer = chains.iter().find(|chain| chain.roles.len() > 1);
    if let Some(chain) = longer.filter(|_| wishes.duration.exceeds(SessionDuration::MOST_CHAINED)) {
        let asked = wishes.duration.seconds();
        let place = chain.line.map_or_else(String::new, |line| {
            format!(" (line {line} of roles is one)")
        });
        reader.wrong(
            "role-duration-seconds",
            format!(
                "`{asked}` is above 3600 seconds, AWS' limit for the last role of a chain{place}"
            ),
        );
    }
    if by_token && chains.iter().any(|chain| chain.roles.len() == 1) {
        warn_of_token_limits(reader, longer.is_some(), warnings);
    }
    if by_token && longer.is_some() && reader.raw.has("mfa-serial") {
        warnings.push("mfa-serial not sent: AWS takes MFA with static keys only".to_owned());
    }
    chains
        .iter()
        .map(|chain| deal(&chain.roles, &wishes, by_token))
        .collect()
}

/// The roles of a setting; what is wrong with it is a mistake.
pub(super) fn roles(reader: &mut Reader<'_>, name: &'static str) -> Vec<RoleRef> {
    let parsed = chain(reader.raw.text(name).unwrap_or_default());
    for fault in parsed.faults {
        reader.fault(name, fault);
    }
    parsed.roles
}

/// The roles of a chain's text, and what is wrong with it.
pub(super) struct Parsed {
    pub(super) roles: Vec<RoleRef>,
    pub(super) faults: Vec<Invalid>,
}

/// Roles between `>` or line breaks.
pub(super) fn chain(text: &str) -> Parsed {
    let mut parsed = Parsed {
        roles: Vec::new(),
        faults: Vec::new(),
    };
    for part in text.split(['>', '\n']).map(str::trim) {
        if part.is_empty() {
            if text.contains('>') {
                let fault = format!("{} has an empty place in its chain", shown(text));
                parsed.faults.push(Invalid::new(fault));
            }
            continue;
        }
        match part.parse() {
            Ok(role) => parsed.roles.push(role),
            Err(fault) => parsed.faults.push(fault),
        }
    }
    parsed
}

fn wishes(reader: &mut Reader<'_>, job: &Job, warnings: &mut Vec<String>) -> Wishes {
    let tags = tags(reader, job);
    Wishes {
        session: session(reader, job),
        duration: reader
            .parse("role-duration-seconds")
            .unwrap_or(if reader.raw.has("refresh") {
                // Renewed all the time, so it may be as short as can be.
                SessionDuration::LEAST
            } else {
                SessionDuration::DEFAULT
            }),
        external_id: reader.parse("role-external-id"),
        source_identity: reader.with("source-identity", |text| {
            template::expand(text, &job.words())?.parse()
        }),
        policy: policy::read(reader, "inline-session-policy", job),
        policy_arns: policy_arns(reader),
        transitive_tag_keys: transitive(reader, &tags, warnings),
        tags,
    }
}

/// What the user calls it; else what leads from CloudTrail back to the job.
fn session(reader: &mut Reader<'_>, job: &Job) -> SessionName {
    let name = |text: &str| template::expand(text, &job.words())?.parse();
    reader
        .with("role-session-name", name)
        .or_else(|| name(job.host.facts().session).ok())
        .unwrap_or_else(SessionName::of_nobody)
}

fn policy_arns(reader: &mut Reader<'_>) -> Vec<PolicyArn> {
    let arns = reader.list("managed-session-policies", false, str::parse::<PolicyArn>);
    if arns.len() > 10 {
        reader.wrong(
            "managed-session-policies",
            format!("has {} policies; AWS STS accepts at most 10", arns.len()),
        );
    }
    arns
}

/// The job's own tags and the user's.
fn tags(reader: &mut Reader<'_>, job: &Job) -> Vec<Tag> {
    if reader.raw.has("custom-tags") && reader.raw.has("session-tags") {
        reader.wrong(
            "session-tags",
            "is another name for custom-tags; give one of them",
        );
    }
    let name = if reader.raw.has("session-tags") {
        "session-tags"
    } else {
        "custom-tags"
    };
    let text = reader.raw.text(name).unwrap_or_default().to_owned();
    let mut tags = job.tags();
    match pairs::read(&text) {
        Err(fault) => reader.fault(name, fault),
        Ok(pairs) => {
            for (key, value) in pairs {
                match Tag::given(&key, &value) {
                    Err(fault) => reader.fault(name, fault),
                    Ok(_) if job.is_own_tag(&key) => {
                        reader.wrong(
                            name,
                            format!(
                                "key {} is one that rolehop sets from the job itself",
                                shown(&key)
                            ),
                        );
                    }
                    Ok(tag) if tags.iter().any(|other| other.is(&tag.key)) => {
                        reader.wrong(
                            name,
                            format!(
                                "key {} is given twice; AWS does not tell upper from lower case",
                                shown(&key)
                            ),
                        );
                    }
                    Ok(tag) => tags.push(tag),
                }
            }
        }
    }
    if tags.len() > MOST_TAGS {
        let own = job.tags().len();
        reader.wrong(
            name,
            format!(
                "makes {} tags with the {own} of the job; AWS STS accepts at most {MOST_TAGS}",
                tags.len()
            ),
        );
    }
    if reader.flag("role-skip-session-tagging", false) {
        return Vec::new();
    }
    tags
}

fn transitive(reader: &mut Reader<'_>, tags: &[Tag], warnings: &mut Vec<String>) -> Vec<String> {
    let keys = reader.list("transitive-tag-keys", true, |key| Ok(key.to_owned()));
    if keys.len() > MOST_TAGS {
        reader.wrong(
            "transitive-tag-keys",
            format!(
                "has {} keys; AWS STS accepts at most {MOST_TAGS}",
                keys.len()
            ),
        );
    }
    let (sent, unknown): (Vec<_>, Vec<_>) = keys
        .into_iter()
        .partition(|key| tags.iter().any(|tag| tag.is(key)));
    if !unknown.is_empty() && !tags.is_empty() {
        warnings.push(format!(
            "transitive-tag-keys names {}, which is no tag of this session; left out",
            unknown.join(", ")
        ));
    }
    sent
}

/// AssumeRoleWithWebIdentity takes none of these: tags come from the token's own claim.
fn warn_of_token_limits(reader: &Reader<'_>, mixed: bool, warnings: &mut Vec<String>) {
    const NOT_WITH_A_TOKEN: [&str; 6] = [
        "custom-tags",
        "session-tags",
        "transitive-tag-keys",
        "role-external-id",
        "source-identity",
        "mfa-serial",
    ];
    let given: Vec<&str> = NOT_WITH_A_TOKEN
        .into_iter()
        .filter(|name| reader.raw.has(name))
        .collect();
    if !given.is_empty() {
        let whom = if mixed {
            " to the targets of one role"
        } else {
            ""
        };
        warnings.push(format!(
            "{} not sent{whom}: AWS takes no tags, external ID, source identity or MFA when a role is assumed with a token",
            given.join(", ")
        ));
    }
}

/// Which hop gets what: the last one carries the session that later steps see, the ones before lead to it.
fn deal(roles: &[RoleRef], wishes: &Wishes, by_token: bool) -> Vec<Hop> {
    let last = roles.len().saturating_sub(1);
    let first_assume = usize::from(by_token);
    roles
        .iter()
        .enumerate()
        .map(|(at, role)| {
            let assume = at >= first_assume;
            let (opens, is_last) = (at == first_assume, at == last);
            // A transitive tag goes along by itself; to repeat it is an error.
            let inherited =
                |tag: &&Tag| opens || !wishes.transitive_tag_keys.iter().any(|key| tag.is(key));
            Hop {
                role: role.clone(),
                session: wishes.session.clone(),
                duration: if is_last {
                    wishes.duration
                } else {
                    SessionDuration::LEAST
                },
                external_id: wishes.external_id.clone().filter(|_| assume && is_last),
                source_identity: wishes.source_identity.clone().filter(|_| opens),
                mfa: None,
                policy: wishes.policy.clone().filter(|_| is_last),
                policy_arns: if is_last {
                    wishes.policy_arns.clone()
                } else {
                    Vec::new()
                },
                tags: if assume {
                    wishes
                        .tags
                        .iter()
                        .filter(inherited)
                        .map(|tag| kept_if_transitive(tag, wishes))
                        .collect()
                } else {
                    Vec::new()
                },
                transitive_tag_keys: if opens {
                    wishes.transitive_tag_keys.clone()
                } else {
                    Vec::new()
                },
            }
        })
        .collect()
}

/// A tag that is to go along the chain is not left out for want of room: the roles behind may ask for it.
fn kept_if_transitive(tag: &Tag, wishes: &Wishes) -> Tag {
    let mut tag = tag.clone();
    if wishes.transitive_tag_keys.iter().any(|key| tag.is(key)) {
        tag.priority = Priority::Keep;
    }
    tag
}
