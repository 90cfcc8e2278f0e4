//! `GetSessionToken`: temporary credentials of a user, with MFA if asked for.

use super::{StsError, only};
use crate::answer::Answer;
use crate::caller::{authenticate, verify_mfa};
use crate::limits::{Charset, Violations};
use crate::route::Arrived;
use crate::session::Session;
use crate::state::{State, credentials_element};
use crate::xml::Element;

pub(super) fn call(state: &mut State, arrived: &Arrived) -> Result<Answer, StsError> {
    let caller = authenticate(state, arrived)?;
    only(arrived, &["DurationSeconds", "SerialNumber", "TokenCode"])?;
    if caller.session.is_some() {
        return Err(StsError::denied(
            "Cannot call GetSessionToken with session credentials",
        ));
    }
    let mut violations = Violations::default();
    let duration = violations.number(
        "durationSeconds",
        arrived.param("DurationSeconds"),
        &(900..=129_600),
        43_200,
    );
    violations.text(
        "serialNumber",
        arrived.param("SerialNumber"),
        9..=256,
        Charset::Serial,
    );
    violations.text(
        "tokenCode",
        arrived.param("TokenCode"),
        6..=6,
        Charset::Digits,
    );
    violations.finish()?;
    let mfa = verify_mfa(state, &caller, arrived)?;
    let session = state.issue(Session {
        arn: caller.arn.clone(),
        role_arn: None,
        user_id: caller.user_id,
        account: caller.account,
        mfa,
        caller: caller.arn,
        ..Session::of_role("GetSessionToken", "", "", duration)
    });
    let result = Element::new("GetSessionTokenResult").child(credentials_element(&session));
    Ok(Answer::sts("GetSessionToken", result))
}
