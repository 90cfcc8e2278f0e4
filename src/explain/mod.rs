//! `rolehop explain`: a trust policy against the job's token or a caller, and the policy that would admit it.

mod show;

use crate::cli::Options;
use crate::error::Error;
use crate::frontend::{self, RawInputs};
use crate::host::{Host, Job};
use crate::identity::{job_token, token_file};
use crate::model::request::{Ask, Patience};
use crate::model::{Claims, RoleArn, Secret};
use crate::sink::mask;
use crate::system::System;
use crate::system::console::{data, harmless, harmless_json};
use crate::system::files;
use crate::system::http::Http;
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
    let role = role(raw, options)?;
    let sends = sends(raw);
    if options.value("policy") == Some("-") && options.value("token-file") == Some("-") {
        return Err(Error::Usage(
            "standard input cannot be both, the token and the policy".to_owned(),
        ));
    }
    // What is wrong with the policy itself is told before a token is asked for.
    let policy = options.value("policy").map(read).transpose()?;
    let asker = asker(system, host, raw, options)?;
    let judged = match policy {
        Some((file, policy)) => {
            let verdict = judge(&policy, asker.as_ref(), role.as_ref(), &sends)?;
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

/// The role that the asker assumes: the first of a chain.
fn role(raw: &RawInputs, options: &Options) -> Result<Option<RoleArn>, Error> {
    let given = options.value("role").or_else(|| raw.text("role-to-assume"));
    let first = given.and_then(|text| {
        text.split(['>', '\n'])
            .map(str::trim)
            .find(|part| !part.is_empty())
    });
    match first {
        // A name has no account, so it cannot be judged by.
        Some(arn) if arn.starts_with("arn:") => arn
            .parse()
            .map(Some)
            .map_err(|fault| Error::Usage(format!("--role: {fault}"))),
        Some(name) if options.has("role") => Err(Error::Usage(format!(
            "--role is a role's whole ARN, as in arn:aws:iam::123456789012:role/{name}"
        ))),
        _ => Ok(None),
    }
}

/// What an AssumeRole with these settings sends.
fn sends(raw: &RawInputs) -> Sends {
    Sends {
        tags: raw
            .text("role-skip-session-tagging")
            .is_none_or(|text| !text.eq_ignore_ascii_case("true")),
        source_identity: raw.has("source-identity"),
        external_id: raw.text("role-external-id").map(str::to_owned),
        mfa: raw.has("mfa-serial"),
    }
}

fn asker(
    system: &System,
    host: Host,
    raw: &RawInputs,
    options: &Options,
) -> Result<Option<Asker>, Error> {
    if let Some(arn) = options.value("caller") {
        if options.has("token-file") {
            return Err(Error::Usage(
                "--caller and --token-file exclude each other".to_owned(),
            ));
        }
        let caller = Caller::read(arn).ok_or_else(|| {
            Error::Usage(
                "--caller is the ARN of a user or a role; `aws sts get-caller-identity` prints it"
                    .to_owned(),
            )
        })?;
        return Ok(Some(Asker::Caller(caller)));
    }
    let env = &system.env;
    let job = host.job(env);
    let file = options
        .value("token-file")
        .or_else(|| raw.text("web-identity-token-file"));
    let in_variable = raw.text("web-identity-token-variable");
    let ask = Ask {
        audience: raw.text("audience").map(str::to_owned),
        connection: raw.text("azure-service-connection").map(str::to_owned),
        session_tags: Vec::new(),
    };
    let may_ask = || {
        host.facts()
            .token
            .lacks(env, ask.audience.as_deref())
            .is_none()
    };
    let claims = match (file, in_variable) {
        (Some("-"), _) => token_file::read_input()?.1,
        (Some(path), _) => token_file::read(&job.resolve(path))?.1,
        (None, Some(name)) => {
            let token = Secret::new(env.get(name).unwrap_or_default());
            token_file::claims(name, &token)?
        }
        (None, None) if may_ask() => own(system, host, raw, &job, &ask)?,
        (None, None) if host != Host::Shell && options.value("policy").is_none() => {
            return Err(crate::login::source::no_permission(system, host, &job));
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(Asker::Job(claims)))
}

/// The job's own token. It is not printed, but masked all the same.
fn own(
    system: &System,
    host: Host,
    raw: &RawInputs,
    job: &Job,
    ask: &Ask,
) -> Result<Claims, Error> {
    let http = Http::new(frontend::network(raw, job, &system.env).http)
        .map_err(|fault| Error::CaBundle(fault.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| Error::Internal(format!("no runtime: {fault}")))?;
    let found = runtime.block_on(job_token::fetch(system, &http, host, ask, Patience::USUAL));
    runtime.shutdown_background();
    let (token, claims) = found?;
    mask::mask(system, host, token.reveal());
    Ok(claims)
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
    role: Option<&RoleArn>,
    sends: &Sends,
) -> Result<Option<Verdict>, Error> {
    let context = match asker {
        None => return Ok(None),
        Some(Asker::Job(claims)) => {
            let place = role.map(|role| (role.partition(), role.account()));
            Context::of_token(claims, place).ok_or_else(|| Error::TokenFile {
                fault: "the token has no `iss`".to_owned(),
            })?
        }
        Some(Asker::Caller(caller)) => context_of(caller, sends),
    };
    Ok(Some(evaluate(policy, &context)))
}

fn context_of(caller: &Caller, sends: &Sends) -> Context {
    let mut context = Context::of_caller(caller);
    if sends.tags {
        context.need("sts:TagSession");
    }
    if sends.source_identity {
        context.need("sts:SetSourceIdentity");
    }
    context.tell("sts:ExternalId", sends.external_id.as_deref());
    context.tell(
        "aws:MultiFactorAuthPresent",
        Some(if sends.mfa { "true" } else { "false" }),
    );
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
