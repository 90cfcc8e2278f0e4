//! `rolehop whoami`: whose the credentials are, as AWS says.

use serde::Serialize;

use crate::cli::Options;
use crate::error::Error;
use crate::frontend::{self, RawInputs};
use crate::host::Host;
use crate::login;
use crate::sts::{self, CallerIdentity};
use crate::system::System;
use crate::system::console::{data, harmless, harmless_json};

/// The AWS CLI's document of `aws sts get-caller-identity`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    user_id: &'a str,
    account: &'a str,
    arn: &'a str,
}

/// Asks with the credentials that the settings lead to; those of the environment if there are no settings.
pub(crate) fn run(
    system: &System,
    host: Host,
    raw: &RawInputs,
    options: &Options,
) -> Result<(), Error> {
    let job = host.job(&system.env);
    let request = frontend::parse(raw, &job, &system.env)?;
    login::tell_warnings(system, host, &request);
    login::decisions::tell(system, host, raw, &request);
    let network = frontend::network(raw, &job, &system.env);
    let caller = login::converse(system, &request, async || {
        let means = login::means(system, host, &job, &request, network).await?;
        let keys = login::credentials(&means, &request).await?;
        sts::caller(system, &means.sts, &keys, request.patience).await
    })?;
    login::guard(&request, caller.who.account())?;
    let text = if options.has("json") {
        json(&caller)?
    } else {
        lines(&caller)
    };
    data(&text);
    Ok(())
}

fn lines(caller: &CallerIdentity) -> String {
    harmless(&format!(
        "account  {}\narn      {}\nuser id  {}",
        caller.who.account(),
        caller.who.as_str(),
        caller.user_id
    ))
}

fn json(caller: &CallerIdentity) -> Result<String, Error> {
    let document = Document {
        user_id: &caller.user_id,
        account: caller.who.account().as_str(),
        arn: caller.who.as_str(),
    };
    serde_json::to_string_pretty(&document)
        .map(|text| harmless_json(&text))
        .map_err(|fault| Error::Internal(fault.to_string()))
}
