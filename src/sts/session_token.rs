//! `GetSessionToken`: a user's keys and a code become keys that stand for the user with MFA, for many calls.

use super::call::Call;
use super::failure::Failure;
use super::{Sts, answer};
use crate::error::Error;
use crate::model::Credentials;
use crate::model::mfa::MfaSessionLength;
use crate::model::request::Patience;
use crate::model::session::{MfaCode, MfaSerial};
use crate::system::System;

/// Only for a user's permanent keys: STS takes no session here.
pub(crate) async fn session_token(
    system: &System,
    sts: &Sts,
    keys: &Credentials,
    (serial, code): (&MfaSerial, &MfaCode),
    length: MfaSessionLength,
    patience: Patience,
) -> Result<Credentials, Error> {
    let client = sts.client(Some(keys));
    let seconds = i32::try_from(length.seconds()).unwrap_or(i32::MAX);
    let attempt = || async {
        let request = client
            .get_session_token()
            .duration_seconds(seconds)
            .serial_number(serial.as_str())
            .token_code(code.as_str());
        let answer = request
            .send()
            .await
            .map_err(|error| Failure::of(&error, system.clock.now()))?;
        answer::credentials(answer.credentials.as_ref(), system.clock.now())
            .map_err(|fault| Failure::invalid(&fault))
    };
    let call = Call {
        operation: "sts:GetSessionToken",
        subject: serial.as_str(),
        patience,
        tries_if_keys_are_unknown: 1,
        is_one_of_many: false,
        token: None,
    };
    call.repeat(system, sts, attempt).await
}
