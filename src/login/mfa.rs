//! MFA: one code opens a session that serves a day; or it goes with the role, where nothing is to be kept.

mod kept;
mod window;

use super::renewal::Renewal;
use super::source::Origin;
use super::{Means, doctor};
use crate::error::{Error, NoCode, StsKind};
use crate::identity::Identity;
use crate::model::mfa::{CodeFrom, Mfa, MfaSessionLength, TotpSecret};
use crate::model::request::{Patience, Request, SecretKeyForm, Target};
use crate::model::session::MfaCode;
use crate::model::time::{rfc3339, span};
use crate::model::{Credentials, Session};
use crate::sink::mask;
use crate::sts;
use crate::system::terminal;
use kept::Kept;
use window::Windows;

/// How often a person is asked before it counts as a failure.
const QUESTIONS: u32 = 3;
/// Why a role may refuse a session of an earlier code.
pub(super) const FRESH_CODE: &str = "the MFA session is an earlier one; if the role wants a fresh code, set mfa-session-seconds to 0";

/// Walks the target's hops from a user's keys, with MFA.
pub(super) async fn enter(
    means: &Means<'_>,
    mfa: &Mfa,
    keys: &Credentials,
    target: &Target,
    request: &Request,
    patience: Patience,
) -> Result<Session, Error> {
    let plain = |keys: Credentials| async move {
        super::assume(
            means,
            &Identity::Credentials(keys),
            target,
            request,
            patience,
        )
        .await
    };
    if keys.session_token.is_some() {
        if target.hops.is_empty() || matches!(mfa.code, CodeFrom::Person) {
            means.system.console.info(
                "the first credentials are a session already: no MFA code is used, since AWS takes one with a user's own keys",
            );
            return plain(keys.clone()).await;
        }
        return with_the_role(means, mfa, keys, target, request, patience).await;
    }
    let more_than_one_call =
        target.hops.is_empty() || request.secret_key == SecretKeyForm::Alphanumeric;
    if mfa.session.is_none() && !more_than_one_call {
        return with_the_role(means, mfa, keys, target, request, patience).await;
    }
    let kept = mfa
        .session
        .and_then(|_| Kept::of(&means.system.env, keys, &mfa.serial, &request.sts));
    let (session, from_disk) = open(means, mfa, keys, kept.as_ref(), request).await?;
    match plain(session).await {
        Err(Error::Sts(failure)) if from_disk && failure.kind == StsKind::KeysRejected => {
            means.system.console.info(Renewal::KeptSession.words());
            if let Some(kept) = &kept {
                kept.forget();
            }
            let (session, _) = open(means, mfa, keys, kept.as_ref(), request).await?;
            plain(session).await
        }
        Err(Error::Sts(failure)) if from_disk && failure.kind == StsKind::AccessDenied => {
            means.system.console.info(FRESH_CODE);
            Err(Error::Sts(failure))
        }
        result => result,
    }
}

/// For several targets: the code opens one session, which all of them begin with, since it serves one call.
///
/// `anew`: not the one that was kept, which AWS has refused.
pub(super) async fn for_all(
    means: &Means<'_>,
    request: &Request,
    origin: Origin,
    anew: bool,
) -> Result<Origin, Error> {
    let (Some(mfa), Identity::Credentials(keys)) = (&request.mfa, &origin.identity) else {
        return Ok(origin);
    };
    if keys.session_token.is_some() {
        means.system.console.info(
            "the first credentials are a session already: no MFA code is used, since AWS takes one with a user's own keys",
        );
        return Ok(origin);
    }
    let kept = mfa
        .session
        .and_then(|_| Kept::of(&means.system.env, keys, &mfa.serial, &request.sts));
    if let Some(kept) = kept.as_ref().filter(|_| anew) {
        kept.forget();
    }
    let opened = Box::pin(open(means, mfa, keys, kept.as_ref(), request)).await;
    let (session, kept) = opened.map_err(|error| match request.targets.first() {
        Some(target) => doctor::examine(error, means, request, target, None),
        None => error,
    })?;
    Ok(Origin {
        identity: Identity::Credentials(session),
        kept,
        ..origin
    })
}

/// AssumeRole with the code in it.
async fn with_the_role(
    means: &Means<'_>,
    mfa: &Mfa,
    keys: &Credentials,
    target: &Target,
    request: &Request,
    patience: Patience,
) -> Result<Session, Error> {
    let identity = Identity::Credentials(keys.clone());
    let call = async |code: MfaCode| {
        let mut target = target.clone();
        if let Some(hop) = target.hops.first_mut() {
            hop.mfa = Some((mfa.serial.clone(), code));
        }
        super::assume(means, &identity, &target, request, patience).await
    };
    with_code(means, mfa, call).await
}

/// A session of the user with MFA, and whether it was kept from an earlier run.
async fn open(
    means: &Means<'_>,
    mfa: &Mfa,
    keys: &Credentials,
    kept: Option<&Kept>,
    request: &Request,
) -> Result<(Credentials, bool), Error> {
    let system = means.system;
    // Held while somebody types: who comes second uses the first one's session.
    let held = match kept {
        Some(kept) => kept.lock(system, mfa, request.patience.total)?,
        None => None,
    };
    let hide = |session: &Credentials| {
        mask::keys(
            system,
            means.host,
            session,
            request.hand_over.mask_access_key,
        );
    };
    if let Some(session) = kept.and_then(|kept| kept.read(system.clock.now())) {
        hide(&session);
        let until = session.expires.map(rfc3339).unwrap_or_default();
        system.console.info(&format!(
            "MFA: the session of an earlier code is used, valid until {until}"
        ));
        return Ok((session, true));
    }
    let length = mfa.session.unwrap_or(MfaSessionLength::SHORTEST);
    let call = async |code: MfaCode| {
        let pass = (&mfa.serial, &code);
        sts::session_token(system, &means.sts, keys, pass, length, request.patience).await
    };
    let session = with_code(means, mfa, call).await?;
    hide(&session);
    if let Some(kept) = kept.filter(|_| held.is_some()) {
        match kept.write(&session) {
            Ok(()) => system.console.info(&format!(
                "MFA: a session of {} is kept for the next calls",
                span(std::time::Duration::from_secs(length.seconds().into()))
            )),
            Err(fault) => system
                .console
                .warning(&format!("the MFA session is not kept: {fault}")),
        }
    }
    Ok((session, false))
}

/// Calls with a code, and with another one where that can help. No code is sent twice.
async fn with_code<T>(
    means: &Means<'_>,
    mfa: &Mfa,
    call: impl AsyncFn(MfaCode) -> Result<T, Error>,
) -> Result<T, Error> {
    match &mfa.code {
        CodeFrom::Given(code) => call(code.clone()).await,
        CodeFrom::Secret(secret) => computed(means, mfa, secret, call).await,
        CodeFrom::Person => asked(means, mfa, call).await,
    }
}

async fn computed<T>(
    means: &Means<'_>,
    mfa: &Mfa,
    secret: &TotpSecret,
    call: impl AsyncFn(MfaCode) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut windows = Windows::of(means.system, &mfa.serial);
    let (mut clock_was_wrong, mut was_used) = (false, false);
    loop {
        let step = windows.take();
        windows.wait_for(step).await;
        let code = secret
            .code(step)
            .map_err(|fault| Error::Internal(format!("no MFA code: {fault}")))?;
        let failure = match call(code).await {
            Err(Error::Sts(failure)) if failure.is_refused_code() => failure,
            result => return result,
        };
        let console = &means.system.console;
        if !clock_was_wrong && let Some(off) = windows.learn(failure.server_time) {
            clock_was_wrong = true;
            console.info(&format!(
                "STS refused the MFA code; its clock is {off}; trying the code of its time"
            ));
        } else if !was_used {
            was_used = true;
            console.info(
                "STS refused the MFA code, as it does with one that was used before; the next one follows",
            );
        } else {
            return Err(Error::Sts(failure));
        }
    }
}

async fn asked<T>(
    means: &Means<'_>,
    mfa: &Mfa,
    call: impl AsyncFn(MfaCode) -> Result<T, Error>,
) -> Result<T, Error> {
    let system = means.system;
    let serial = || mfa.serial.to_string();
    if !terminal::is_there() {
        return Err(NoCode::Missing { serial: serial() }.into());
    }
    let no_digits = |why| NoCode::NoDigits {
        serial: serial(),
        why,
    };
    let mut questions = 0;
    loop {
        questions += 1;
        let question = format!("MFA code of {}:", mfa.serial);
        let answer = system.clock.aside(|| terminal::ask(&question));
        let last = questions == QUESTIONS;
        // Devices show the digits in two groups.
        let digits = answer
            .ok_or_else(|| no_digits("the input ended at the question"))?
            .replace(' ', "");
        match digits.parse::<MfaCode>() {
            Err(_) if last => {
                return Err(no_digits("the last of three answers is no code of six digits").into());
            }
            Err(fault) => system.console.info(&format!("that {fault}")),
            Ok(code) => match call(code).await {
                Err(Error::Sts(failure)) if failure.is_refused_code() && !last => {
                    system.console.info(
                        "STS refused this code; a code serves once, so wait for the device's next one",
                    );
                }
                result => return result,
            },
        }
    }
}
