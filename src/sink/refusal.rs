//! Where a system has no private way to give later steps variables: what there is instead, ready to paste. And where it was
//! not told what to hide.

use super::mask::{Hidden, Masked};
use crate::error::Error;
use crate::host::{Export, Host, Masking};
use crate::model::Session;
use crate::model::request::{EnvironmentPlace, Place};
use crate::system::System;

/// The refusal, before any request.
pub(crate) fn no_private_hand_over(host: Host, why: &str) -> Error {
    Error::NoPrivateHandOver {
        title: host.facts().title,
        page: host.facts().page,
        why: why.to_owned(),
        ways: ways(host),
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

/// The safe ways of this system, best first.
fn ways(host: Host) -> Vec<String> {
    let exec = "for one command: rolehop exec -- aws sts get-caller-identity";
    let eval = "for the rest of the script: eval \"$(rolehop export --format sh)\"";
    let one_step = "for the rest of this step's commands: eval \"$(rolehop export --format sh)\"";
    let profile = "as a file that only this user can read: set aws-profile (ROLEHOP_AWS_PROFILE=deploy), and AWS_PROFILE=deploy in the steps that need it";
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
    ways.iter().map(|way| (*way).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_has_a_way_that_is_ready_to_paste() {
        for host in Host::ALL {
            let ways = ways(host);
            assert!(ways.len() >= 2, "{host:?}");
            assert!(
                ways.iter()
                    .all(|way| way.contains("rolehop") || way.contains("ROLEHOP_"))
            );
        }
    }
}
