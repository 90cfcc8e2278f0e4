//! One run of the main job: settings to a request, an identity, the roles, the checks, and only then the hand-over.

mod chain;
mod deadline;
pub(crate) mod decisions;
pub(crate) mod doctor;
pub(crate) mod existing;
mod finish;
mod fleet;
pub(crate) mod lend;
mod machine;
mod mfa;
mod renewal;
pub(crate) mod source;

use crate::error::{Error, Mistake};
use crate::frontend::{self, Network, RawInputs};
use crate::host::{Host, Job};
use crate::identity::Identity;
use crate::model::mfa::CodeFrom;
use crate::model::request::{Existing, Patience, Request, SecretKeyForm, Target};
use crate::model::{AccountId, Claims, Credentials, Invalid, Session};
use crate::sink::{self, Caller, mask};
use crate::sts::{self, Sts};
use crate::system::System;
use crate::system::http::{Http, SdkHttp};
pub(crate) use deadline::{converse, within};
use existing::existing;
use renewal::Renewal;
use source::Origin;
use std::rc::Rc;

/// A key pair of letters and digits only comes about every fourth time; thirty-two fail once in forty thousand.
const MOST_KEY_PAIRS: u32 = 32;

/// Everything that a step needs to talk to the world.
pub(crate) struct Means<'a> {
    pub(crate) system: &'a System,
    host: Host,
    job: &'a Job,
    http: Http,
    sdk: SdkHttp,
    pub(crate) sts: Sts,
}

pub(crate) fn run(
    system: &System,
    host: Host,
    caller: Caller,
    raw: &RawInputs,
) -> Result<(), Error> {
    let job = host.job(&system.env);
    let mut request = frontend::parse(raw, &job, &system.env)?;
    if caller == Caller::Command {
        sink::fit(&system.env, host, &mut request);
    }
    let request = request;
    tell_warnings(system, host, &request);
    decisions::tell(system, host, raw, &request);
    decisions::tell_places(system, &request);
    let done = attempt(system, &job, caller, raw, &request);
    if done.is_err() && request.hand_over.unset_first {
        // Asked for on its own account: whatever became of the new credentials, the old ones go.
        if let Err(fault) = sink::forget(system, host, caller, request.hand_over.mode) {
            // The failure that led here is the one that is reported.
            system.console.warning(&format!(
                "the credentials in the environment could not be emptied (unset-current-credentials is true), so later steps may still find them: {fault}"
            ));
        }
    }
    done
}

/// Secrets that the settings give, whether they are used or not: before anything else is said.
pub(crate) fn mask_what_was_given(system: &System, host: Host, raw: &RawInputs) {
    for secret in raw.secrets(&system.env) {
        mask::mask(system, host, secret);
    }
}

/// What the user had better know of the settings. It may name accounts, which are masked first.
pub(crate) fn tell_warnings(system: &System, host: Host, request: &Request) {
    mask_accounts(system, host, request);
    for warning in &request.warnings {
        system.console.warning(warning);
    }
}

/// The accounts of the roles, where the user wants them hidden.
pub(crate) fn mask_accounts(system: &System, host: Host, request: &Request) {
    if request.hand_over.mask_account {
        for account in request.role_accounts() {
            mask::mask(system, host, account);
        }
    }
}

fn attempt(
    system: &System,
    job: &Job,
    caller: Caller,
    raw: &RawInputs,
    request: &Request,
) -> Result<(), Error> {
    let host = job.host;
    source::check_before_any_request(system, host, job, request)?;
    let prepared = sink::prepare(&system.env, job, caller, request)?;
    let _fold = Fold::open(system);
    let network = frontend::network(raw, job, &system.env);
    let found = converse(system, request, async || {
        let means = means(system, host, job, request, network).await?;
        obtain(&means, request).await
    })?;
    match found {
        Some(haul) => finish::hand_over(system, job, raw, request, &prepared, &haul),
        None => finish::keep(system, host, request, &prepared),
    }
}

/// A part of the log that the system can fold away. It ends before a failure is told, so that this is not folded with it.
struct Fold<'a>(&'a System);

const FOLD: &str = "rolehop: AWS credentials";

impl<'a> Fold<'a> {
    fn open(system: &'a System) -> Self {
        system.console.open(FOLD, system.clock.now());
        Self(system)
    }
}

impl Drop for Fold<'_> {
    fn drop(&mut self) {
        self.0.console.close(FOLD, self.0.clock.now());
    }
}

/// A session, checked against the account list, and where it came from.
pub(crate) struct Obtained {
    target: Target,
    pub(crate) session: Session,
    claims: Option<Claims>,
    words: String,
}

/// A session for every target, checked against the account list, and where all of them came from.
pub(crate) struct Haul {
    /// In the order of the request.
    sessions: Vec<(Target, Rc<Session>)>,
    claims: Option<Claims>,
    words: String,
}

impl From<Obtained> for Haul {
    fn from(obtained: Obtained) -> Self {
        Self {
            sessions: vec![(obtained.target, Rc::new(obtained.session))],
            claims: obtained.claims,
            words: obtained.words,
        }
    }
}

/// Sessions as they were asked for; none if the environment's own are kept.
async fn obtain(means: &Means<'_>, request: &Request) -> Result<Option<Haul>, Error> {
    if request.existing == Existing::Prefer && existing(means, request).await.is_some() {
        return Ok(None);
    }
    if !request.has_many() {
        return Ok(Some(issue(means, request).await?.into()));
    }
    let origin = mfa::for_all(means, request, begin(means, request).await?, false).await?;
    let mut targets = request.targets.clone();
    if let Some(claims) = &origin.claims {
        chain::leave_out_inherited(means, claims, &mut targets);
    }
    let fleet = fleet::assume(means, request, &targets, origin).await?;
    let origin = fleet.origin;
    Ok(Some(Haul {
        sessions: targets.into_iter().zip(fleet.sessions).collect(),
        claims: origin.claims.clone(),
        words: origin.words.clone(),
    }))
}

/// The keys that the settings lead to, whoever they are of.
pub(crate) async fn credentials(
    means: &Means<'_>,
    request: &Request,
) -> Result<Credentials, Error> {
    let main = request.main().ok_or_else(no_main_target)?;
    if main.hops.is_empty()
        && request.mfa.is_none()
        && let Identity::Credentials(keys) = source::identify(means, request).await?.identity
    {
        return Ok(keys);
    }
    let issued = issue(means, request).await?;
    Ok(issued.session.identified.credentials)
}

/// The identity that the run begins with, told in the log.
async fn begin(means: &Means<'_>, request: &Request) -> Result<Origin, Error> {
    let console = &means.system.console;
    for note in &request.notes {
        console.info(note);
    }
    let origin = source::identify(means, request).await?;
    console.info(&format!("source: {}", origin.words));
    if let Some(claims) = &origin.claims {
        console.info(&format!("token: {}", claims.describe()));
    }
    Ok(origin)
}

/// A session of the main target, from the source that the request names.
pub(crate) async fn issue(means: &Means<'_>, request: &Request) -> Result<Obtained, Error> {
    let system = means.system;
    let target = request.main().ok_or_else(no_main_target)?;
    let mut origin = begin(means, request).await?;
    let mut patience = request.patience;
    let mut renewed = false;
    let outcome = loop {
        let error = match chain::walk(means, &origin, target, request, patience).await {
            Ok(session) => break Ok(session),
            Err(error) => error,
        };
        // One that was kept is opened anew where the roles are walked.
        let (source, host) = (&request.source, means.host);
        let Some(renewal) = Renewal::after(&error, source, host, origin.kept, renewed) else {
            break Err(error);
        };
        system.console.info(renewal.words());
        match renewal {
            Renewal::OldToken => patience = patience.less(error.tries().map_or(1, |t| t.count)),
            _ => renewed = true,
        }
        let next = source::identify(means, request).await?;
        if next.identity.has_the_keys_of(&origin.identity) {
            break Err(error);
        }
        origin = next;
    };
    let session = outcome.map_err(|error| {
        let claims = origin.claims.as_ref();
        doctor::examine(error, means, request, target, claims)
    })?;
    guard(request, session.identified.who.account())?;
    Ok(Obtained {
        target: target.clone(),
        session,
        claims: origin.claims,
        words: origin.words,
    })
}

/// Where one session is wanted, and `roles` has none that is not a profile's.
fn no_main_target() -> Error {
    Error::InvalidInputs(vec![Mistake {
        input: "roles".to_owned(),
        fault: Invalid::new(
            "has no line for `env`, and this command takes one role: give role-to-assume or `env = ARN`",
        ),
    }])
}

/// `allowed-account-ids`: nothing of another account is handed over.
pub(crate) fn guard(request: &Request, account: &AccountId) -> Result<(), Error> {
    if request.allows(account) {
        return Ok(());
    }
    let allowed = request.allowed_accounts.iter();
    Err(Error::AccountNotAllowed {
        found: account.to_string(),
        allowed: allowed.map(ToString::to_string).collect(),
    })
}

pub(crate) async fn means<'a>(
    system: &'a System,
    host: Host,
    job: &'a Job,
    request: &Request,
    network: Network,
) -> Result<Means<'a>, Error> {
    // The time that a person takes is on no deadline, and not known yet; `converse` ends such a run.
    let asks = request
        .mfa
        .as_ref()
        .is_some_and(|mfa| matches!(mfa.code, CodeFrom::Person));
    let http = http(system, network, (!asks).then_some(request.patience))?;
    let sdk = http
        .sdk_client()
        .map_err(|fault| Error::Internal(format!("no HTTP client: {fault}")))?;
    let sts = Sts::new(
        sdk.clone(),
        &request.region,
        &request.sts,
        request.targets.len() > 1,
    )
    .await?;
    system.console.debug(&format!(
        "STS is {}, {}",
        sts.host(),
        http.way_to(sts.url())
    ));
    system.console.debug(&http.trust());
    Ok(Means {
        system,
        host,
        job,
        http,
        sdk,
        sts,
    })
}

/// The one client, with the CA files of the settings and of the machine. Without patience, its requests have no end of their own.
pub(crate) fn http(
    system: &System,
    mut network: Network,
    patience: Option<Patience>,
) -> Result<Http, Error> {
    let usable = |file: &std::path::PathBuf| match crate::system::http::check_ca_file(file) {
        Ok(()) => true,
        Err(fault) => {
            system
                .console
                .warning(&format!("ignored as a CA file: {fault}"));
            false
        }
    };
    network
        .http
        .ca_files
        .extend(network.shared_ca_files.drain(..).filter(usable));
    network.http.console = system.console.clone();
    network.http.ends = patience.map(|patience| system.clock.at(patience.for_requests()));
    Http::new(network.http).map_err(|fault| Error::CaBundle(fault.to_string()))
}

/// One session; or several, until the keys have no special characters, where the user asks for that.
async fn assume(
    means: &Means<'_>,
    identity: &Identity,
    target: &Target,
    request: &Request,
    patience: Patience,
) -> Result<Session, Error> {
    let tries = match request.secret_key {
        SecretKeyForm::Alphanumeric if !target.hops.is_empty() => MOST_KEY_PAIRS,
        _ => 1,
    };
    for _ in 0..tries {
        let session =
            sts::assume(means.system, &means.sts, identity, &target.hops, patience).await?;
        if tries == 1 || is_alphanumeric(&session.identified.credentials) {
            return Ok(session);
        }
        means
            .system
            .console
            .debug("the keys have special characters; asking for others");
    }
    Err(Error::SpecialCharacters { tries })
}

fn is_alphanumeric(keys: &Credentials) -> bool {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
    plain(&keys.access_key_id) && plain(keys.secret_access_key.reveal())
}
