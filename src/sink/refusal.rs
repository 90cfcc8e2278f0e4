//! Where a system has no private way to give later steps variables: what there is instead, ready to paste. And where it was
//! not told what to hide.

use super::export::Exporter;
use super::mask::{Hidden, Masked};
use crate::error::Error;
use crate::host::{Export, Host, Masking};
use crate::model::Session;
use crate::model::request::{EnvironmentPlace, Place, Refresh, Request, Target};
use crate::system::System;
use crate::system::env::Env;

/// The refusal, before any request.
pub(crate) fn no_private_hand_over(host: Host, why: &str) -> Error {
    Error::NoPrivateHandOver {
        title: host.facts().title,
        page: host.facts().page,
        why: why.to_owned(),
        ways: ways(host, None),
    }
}

/// Leaves variables out where there is no private way for them and a profile will do.
pub(crate) fn fit(env: &Env, host: Host, request: &mut Request) {
    let mode = request.hand_over.mode;
    let spare = |target: &&mut Target| {
        let place = &target.place;
        target.main && place.profile_will_do && place.environment != EnvironmentPlace::Nothing
    };
    if let Some(target) = request.targets.iter_mut().find(spare)
        && matches!(
            Exporter::prepare(env, host, mode),
            Err(Error::NoPrivateHandOver { .. })
        )
    {
        target.place.environment = EnvironmentPlace::Nothing;
    }
}

/// The refusal of what was asked, whose ways go with that.
pub(super) fn of_request(refusal: Error, host: Host, request: &Request) -> Error {
    match refusal {
        Error::NoPrivateHandOver {
            title, page, why, ..
        } => Error::NoPrivateHandOver {
            title,
            page,
            why,
            ways: ways(host, request.refresh),
        },
        other => other,
    }
}

/// A system that hides values elsewhere and did not this time is not trusted with them.
pub(super) fn unhidden(
    system: &System,
    host: Host,
    place: &Place,
    session: Masked<&Session>,
) -> Result<(), Error> {
    let hides = host.facts().masking == Masking::BuildkiteRedactor
        || Hidden::on(host, system) == Hidden::Told;
    if hides && place.environment == EnvironmentPlace::Keys && session.hidden() == Hidden::Nobody {
        return Err(Error::Refused {
            what: format!(
                "nothing was handed over, because {} does not hide the values",
                host.facts().title
            ),
            fault: "the warning above has its words".to_owned(),
        });
    }
    Ok(())
}

/// The safe ways of this system, best first. An endpoint is found by variables, so that other ways are those that renew
/// without it.
fn ways(host: Host, refresh: Option<Refresh>) -> Vec<String> {
    let by_endpoint = refresh == Some(Refresh::Server);
    let exec = if by_endpoint {
        "for one command, and renewed while it runs: rolehop exec -- aws sts get-caller-identity"
    } else {
        "for one command: rolehop exec -- aws sts get-caller-identity"
    };
    let eval = "for the rest of the script: eval \"$(rolehop export --format sh)\"";
    let one_step = "for the rest of this step's commands: eval \"$(rolehop export --format sh)\"";
    let profile = if by_endpoint {
        "as a profile that is renewed: set refresh to `process` and aws-profile (ROLEHOP_REFRESH=process, ROLEHOP_AWS_PROFILE=deploy), and AWS_PROFILE=deploy in the steps that need it"
    } else {
        "as a file that only this user can read: set aws-profile (ROLEHOP_AWS_PROFILE=deploy) without output-env-credentials, and AWS_PROFILE=deploy in the steps that need it"
    };
    let process =
        "for every AWS tool: a profile with `credential_process = rolehop credential-process`";
    let ways: &[&str] = match (host, host.facts().export) {
        (Host::HcpTerraform, _) => &[process, profile],
        (Host::Teamcity, _) => &[profile, exec, one_step],
        // Not even files outlive the step, but in a folder that all steps share.
        (_, Export::Apart | Export::HarnessSecretFile | Export::CodefreshExport) => {
            &[exec, one_step, process]
        }
        (Host::Jenkins, _) => &[exec, one_step, profile, process],
        _ => &[exec, eval, profile, process],
    };
    let renewed = |way: &&&str| !by_endpoint || ![eval, one_step].contains(way);
    let ways = ways.iter().filter(renewed);
    ways.map(|way| (*way).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_has_a_way_that_is_ready_to_paste() {
        for host in Host::ALL {
            for refresh in [None, Some(Refresh::Process), Some(Refresh::Server)] {
                let ways = ways(host, refresh);
                assert!(ways.len() >= 2, "{host:?}");
                assert!(
                    ways.iter()
                        .all(|way| way.contains("rolehop") || way.contains("ROLEHOP_"))
                );
            }
        }
    }
}
