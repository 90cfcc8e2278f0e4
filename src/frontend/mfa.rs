//! MFA from the settings: the device, and where its code comes from.

use super::raw::Reader;
use crate::host::{Host, Job};
use crate::model::mfa::{CodeFrom, Mfa, MfaSessionLength};
use crate::model::request::Source;
use crate::system::env::Env;

/// None where there is no device, or a token as the first identity: what is left out then, `hops` says.
pub(super) fn parse(reader: &mut Reader<'_>, job: &Job, env: &Env, source: &Source) -> Option<Mfa> {
    // Nobody sits before a CI job, and what it writes on the disk is read by the next one.
    let person = job.host == Host::Shell && !env.has("CI");
    let (code, secret) = ("mfa-code", "mfa-totp-secret");
    let given = |name| reader.raw.has(name);
    let (has_serial, has_code, has_secret) = (given("mfa-serial"), given(code), given(secret));
    if has_code && has_secret {
        reader.wrong(
            code,
            format!("cannot be combined with {secret}, which computes the code"),
        );
    }
    let lonely = [code, secret, "mfa-session-seconds"]
        .into_iter()
        .find(|name| reader.raw.has(name));
    if let (false, Some(lonely)) = (has_serial, lonely) {
        reader.wrong(
            "mfa-serial",
            format!("is missing; {lonely} is given, and AWS needs the device too"),
        );
    }
    if has_serial && !has_code && !has_secret && !person && !source.is_token() {
        reader.wrong(
            code,
            format!("is missing; mfa-serial is given, and AWS needs both: give {code}, or {secret} to compute it"),
        );
    }
    let serial = reader.parse("mfa-serial");
    let given = reader.parse(code).map(CodeFrom::Given);
    let computed = reader.parse(secret).map(CodeFrom::Secret);
    let session = reader.with("mfa-session-seconds", MfaSessionLength::read);
    if source.is_token() {
        return None;
    }
    Some(Mfa {
        serial: serial?,
        code: given.or(computed).unwrap_or(CodeFrom::Person),
        session: session.unwrap_or_else(|| person.then_some(MfaSessionLength::DAY)),
    })
}
