//! `rolehop explain`: a trust policy against the job's token or a caller, and the policy that would admit it.

mod show;

use crate::cli::Options;
use crate::error::Error;
use crate::frontend::{self, Outline, RawInputs};
use crate::host::{Host, Job};
use crate::identity::token_file;
use crate::login;
use crate::model::request::{AmbientWhy, Ask, Patience, Source};
use crate::model::tags::Priority;
use crate::model::{Claims, RoleArn};
use crate::system::System;
use crate::system::console::{data, harmless, harmless_json};
use crate::system::files;
use crate::trust::context::{Caller, Context};
use crate::trust::evaluate::{Finding, Verdict, evaluate};
use crate::trust::forms::Form;
use crate::trust::open;
use crate::trust::policy::Policy;
use crate::trust::propose::{Proposal, Sends};

/// IAM's limit for a trust policy is far below.
const MOST_POLICY_BYTES: u64 = 1 << 20;

/// Whom a policy is asked to admit.
pub(super) enum Asker {
    Job(Claims),
    Caller(Caller),
}

/// What was found, to be shown as text or JSON.
struct Report {
    asker: Option<Asker>,
    role: Option<RoleArn>,
    sends: Sends,
    /// The file and what the policy in it comes to.
    judged: Option<(String, Option<Verdict>, Vec<Finding>)>,
    proposal: Option<Proposal>,
}

pub(crate) fn run(
    system: &System,
    host: Host,
    raw: &RawInputs,
    options: &Options,
) -> Result<(), Error> {
    let form = form(options)?;
    check_role(options)?;
    let whom = whom(options)?;
    let token = match whom {
        Whom::Caller(_) => None,
        Whom::File(file) => Some(file),
        Whom::Settings => raw.text("web-identity-token-file"),
    };
    if options.value("policy") == Some("-") && token == Some("-") {
        return Err(Error::Usage(
            "standard input cannot be both, the token and the policy".to_owned(),
        ));
    }
    // What is wrong with the policy itself is told before a token is asked for.
    let policy = options.value("policy").map(read).transpose()?;
    let env = &system.env;
    let job = host.job(env);
    let given = whom.source(&job);
    let outline = frontend::outline(raw, &job, env, options.value("role"), given)?;
    for warning in &outline.warnings {
        system.console.warning(warning);
    }
    let sends = sends(&outline);
    let role = outline.role.clone();
    let asker = match whom {
        Whom::Caller(caller) => {
            if host == Host::Shell && !sends.tags && !raw.is_true("role-skip-session-tagging") {
                system.console.info(
                    "note: nothing is sent as session tags from here; a job of a CI system sends session tags too, for which sts:TagSession has to be allowed: give its system, as in --ci github",
                );
            }
            Some(Asker::Caller(caller))
        }
        _ => claims(system, &job, raw, &outline, options)?.map(Asker::Job),
    };
    let judged = match policy {
        Some((file, policy)) => {
            let verdict = judge(&policy, asker.as_ref(), &outline, &sends)?;
            Some((file, verdict, open::warnings(&policy)))
        }
        None => None,
    };
    if asker.is_none() && judged.is_none() {
        return Err(Error::Usage(
            "there is nothing to explain: give --token-file, --caller or --policy, or run it in a job that may request a token".to_owned(),
        ));
    }
    let report = Report {
        proposal: asker
            .as_ref()
            .and_then(|asker| propose(asker, role.as_ref(), &sends)),
        asker,
        role,
        sends,
        judged,
    };
    if options.has("write-policy") || options.has("write-caller-policy") {
        return write(system, &report, form, options);
    }
    if options.has("json") {
        data(&harmless_json(&show::json(&report)?));
    } else {
        data(&harmless(&show::text(&report)));
    }
    report.outcome()
}

fn form(options: &Options) -> Result<Form, Error> {
    let Some(name) = options.value("format") else {
        return Ok(Form::Json);
    };
    Form::of(name).ok_or_else(|| {
        let names: Vec<&str> = Form::NAMES.iter().map(|(name, _)| *name).collect();
        Error::Usage(format!("--format is one of {}", names.join(", ")))
    })
}

/// A name has no account, so it cannot be judged by.
fn check_role(options: &Options) -> Result<(), Error> {
    let first = options.value("role").unwrap_or_default();
    let first = first.split(['>', '\n']).map(str::trim);
    match first.into_iter().find(|part| !part.is_empty()) {
        Some(arn) if arn.starts_with("arn:") => arn
            .parse::<RoleArn>()
            .map(drop)
            .map_err(|fault| Error::Usage(format!("--role: {fault}"))),
        Some(name) => Err(Error::Usage(format!(
            "--role is a role's whole ARN, as in arn:aws:iam::123456789012:role/{name}"
        ))),
        None => Ok(()),
    }
}

/// Whom the flags name.
enum Whom<'a> {
    Caller(Caller),
    /// Whoever has the token in it.
    File(&'a str),
    /// Nobody: whomever the settings lead to.
    Settings,
}

impl Whom<'_> {
    /// What a run by this one begins with.
    fn source(&self, job: &Job) -> Option<Source> {
        match self {
            Self::Caller(_) => Some(Source::Ambient(AmbientWhy::NothingElse)),
            Self::File("-") => Some(Source::TokenInput),
            Self::File(path) => Some(Source::TokenFile(job.resolve(path))),
            Self::Settings => None,
        }
    }
}

fn whom(options: &Options) -> Result<Whom<'_>, Error> {
    let file = options.value("token-file");
    let Some(arn) = options.value("caller") else {
        return Ok(file.map_or(Whom::Settings, Whom::File));
    };
    if file.is_some() {
        return Err(Error::Usage(
            "--caller and --token-file exclude each other".to_owned(),
        ));
    }
    Caller::read(arn).map(Whom::Caller).ok_or_else(|| {
        Error::Usage(
            "--caller is the ARN of a user or a role; `aws sts get-caller-identity` prints it"
                .to_owned(),
        )
    })
}

/// What the first AssumeRole with these settings sends.
fn sends(outline: &Outline) -> Sends {
    let sends = outline.hop.as_ref().map(login::doctor::sends);
    Sends {
        mfa: outline.mfa,
        ..sends.unwrap_or_default()
    }
}

/// What the token claims that a run would begin with; none, if it would begin with keys.
fn claims(
    system: &System,
    job: &Job,
    raw: &RawInputs,
    outline: &Outline,
    options: &Options,
) -> Result<Option<Claims>, Error> {
    let host = job.host;
    Ok(Some(match &outline.source {
        Source::JobToken(ask) => own(system, job, raw, ask, outline.patience)?,
        Source::TokenFile(path) => token_file::read(path)?.1,
        Source::TokenInput => token_file::read_input()?.1,
        Source::TokenText { token, variable } => token_file::claims(variable, token)?,
        Source::Ambient(AmbientWhy::NothingElse)
            if host != Host::Shell && !options.has("policy") =>
        {
            return Err(login::source::no_permission(system, host, job));
        }
        Source::Ambient(_) | Source::Keys(_) | Source::Profile(_) => return Ok(None),
    }))
}

/// The job's own token. It is not printed, but masked all the same.
fn own(
    system: &System,
    job: &Job,
    raw: &RawInputs,
    ask: &Ask,
    patience: Patience,
) -> Result<Claims, Error> {
    let network = frontend::network(raw, job, &system.env);
    login::within(system, patience.total, async || {
        let http = login::http(system, network, Some(patience))?;
        let (_, claims) = login::source::fetch(system, job.host, &http, ask, patience).await?;
        Ok(claims)
    })
}

/// The policy, and what its file is called.
fn read(file: &str) -> Result<(String, Policy), Error> {
    let (shown, text) = if file == "-" {
        ("standard input", files::read_stdin(MOST_POLICY_BYTES))
    } else {
        let path = std::path::Path::new(file);
        (file, files::read_limited(path, MOST_POLICY_BYTES))
    };
    let unusable = |fault: String| Error::TrustPolicy {
        file: shown.to_owned(),
        fault,
    };
    let text = text.map_err(|fault| unusable(fault.to_string()))?;
    let policy = Policy::read(&text)
        .map_err(|fault| unusable(format!("line {}: {}", fault.line, fault.what)))?;
    Ok((shown.to_owned(), policy))
}

fn judge(
    policy: &Policy,
    asker: Option<&Asker>,
    outline: &Outline,
    sends: &Sends,
) -> Result<Option<Verdict>, Error> {
    let context = match asker {
        None => return Ok(None),
        Some(Asker::Job(claims)) => {
            let role = outline.role.as_ref();
            let place = role.map(|role| (role.partition(), role.account()));
            Context::of_token(claims, place).ok_or_else(|| Error::TokenFile {
                fault: "the token has no `iss`".to_owned(),
            })?
        }
        Some(Asker::Caller(caller)) => context_of(caller, outline, sends),
    };
    Ok(Some(evaluate(policy, &context)))
}

fn context_of(caller: &Caller, outline: &Outline, sends: &Sends) -> Context {
    let mut context = Context::of_caller(caller);
    if sends.tags {
        context.need("sts:TagSession");
    }
    if sends.source_identity {
        context.need("sts:SetSourceIdentity");
    }
    if let Some(hop) = &outline.hop {
        // Others may be left out for want of room, and a session brings those that are handed along a chain.
        let kept = hop.tags.iter().filter(|tag| tag.priority == Priority::Keep);
        for tag in kept {
            context.tell(&format!("aws:RequestTag/{}", tag.key), Some(&tag.value));
        }
        if let Some(identity) = &hop.source_identity {
            context.tell("sts:SourceIdentity", Some(identity.as_str()));
        }
    }
    context.tell("sts:ExternalId", sends.external_id.as_deref());
    if sends.mfa {
        context.tell("aws:MultiFactorAuthPresent", Some("true"));
    } else if caller.arn.contains(":user/") && !outline.temporary {
        // Not even as `false`. Whether a session was opened with MFA, only AWS can tell.
        for key in ["aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"] {
            context.lack(key, "long-term keys have none without mfa-serial");
        }
    }
    context
}

fn propose(asker: &Asker, role: Option<&RoleArn>, sends: &Sends) -> Option<Proposal> {
    match asker {
        Asker::Job(claims) => {
            Proposal::for_token(claims, role.map(|role| (role.partition(), role.account())))
        }
        Asker::Caller(caller) => Some(Proposal::for_caller(caller, sends)),
    }
}

/// Only the document goes to standard output; what to know of it to standard error.
fn write(system: &System, report: &Report, form: Form, options: &Options) -> Result<(), Error> {
    let Some(asker) = &report.asker else {
        return Err(Error::Usage(
            "--write-policy needs whom to admit: give --token-file or --caller".to_owned(),
        ));
    };
    if options.has("write-caller-policy") {
        let (Asker::Caller(caller), Some(role)) = (asker, &report.role) else {
            return Err(Error::Usage("--write-caller-policy needs --caller and --role; a token needs no policy of its own".to_owned()));
        };
        data(&harmless(&form.render_identity(
            caller,
            role,
            &report.sends,
        )));
        return Ok(());
    }
    let Some(proposal) = &report.proposal else {
        return Err(Error::TokenFile {
            fault: "the token lacks `iss`, `sub` or `aud`; STS takes no such token".to_owned(),
        });
    };
    for note in &proposal.notes {
        system.console.info(&format!("note: {note}"));
    }
    let role = report
        .role
        .as_ref()
        .map_or("ROLE_NAME", RoleArn::path_and_name);
    data(&harmless(&form.render(proposal, role)));
    Ok(())
}

impl Asker {
    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Job(_) => "this job",
            Self::Caller(_) => "this caller",
        }
    }
}

impl Report {
    fn outcome(&self) -> Result<(), Error> {
        let Some((file, Some(verdict), _)) = &self.judged else {
            return Ok(());
        };
        let reason = match verdict {
            Verdict::Admits { .. } => return Ok(()),
            Verdict::Denied(finding) => Some(finding),
            Verdict::Refuses(unmet) => unmet.first().and_then(|unmet| unmet.reasons.first()),
        };
        let reason = reason.map_or_else(
            || "it has no statement that allows".to_owned(),
            |finding| format!("line {}: {}", finding.line, finding.what),
        );
        Err(Error::TrustRefuses {
            file: file.clone(),
            who: self.asker.as_ref().map_or("it", Asker::words),
            reason,
        })
    }
}
