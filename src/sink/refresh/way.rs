//! How later steps find credentials that are renewed: variables and a profile, none of which is a secret.

use std::path::PathBuf;

use super::Folder;
use super::line::line;
use crate::error::Mistake;
use crate::model::request::{EnvironmentPlace, Place, Refresh, Request};
use crate::model::{Invalid, Region};
use crate::sink::journal::{Journal, KEYS, OLD_PROFILE, OLD_TOKEN, PROFILE, REGION};
use crate::sink::pairs::Pairs;
use crate::sink::profile::Values;
use crate::system::env::Env;

/// A way that is open by now.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) folder: Folder,
    /// What the profiles start.
    program: PathBuf,
    /// The URL of the endpoint that renews; without one, whom a profile starts does.
    endpoint: Option<String>,
}

/// Old names of the keys, which some tools still take.
const OLD_KEYS: [&str; 3] = ["AWS_ACCESS_KEY", "AWS_SECRET_KEY", OLD_TOKEN];
/// What botocore takes ahead of a profile's `credential_process`.
const WEB_IDENTITY: [&str; 3] = [
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
];
/// Some SDKs send it in the place of the file's.
const BEARER: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

impl Way {
    pub(crate) fn process(folder: Folder, program: PathBuf) -> Self {
        Self {
            folder,
            program,
            endpoint: None,
        }
    }

    pub(crate) fn server(folder: Folder, program: PathBuf, url: String) -> Self {
        Self {
            folder,
            program,
            endpoint: Some(url),
        }
    }

    /// What later steps find in their environment. An empty value stands for none: whatever would win over ours.
    pub(crate) fn pairs(&self, env: &Env, place: &Place, region: &Region) -> Pairs {
        if place.environment == EnvironmentPlace::Nothing {
            return Pairs::new();
        }
        let mut pairs: Pairs = REGION
            .iter()
            .map(|name| (*name, region.as_str().to_owned()))
            .collect();
        let mut empty: Vec<&'static str> = KEYS.into_iter().chain(OLD_KEYS).collect();
        match &self.endpoint {
            None => {
                let profile = place.profile.as_ref();
                let profile = profile.map_or_else(String::new, |place| place.name.to_string());
                pairs.push((PROFILE, profile.clone()));
                // Empty, it would be a profile without a name.
                if env.has(OLD_PROFILE) || env.is_empty(OLD_PROFILE) {
                    pairs.push((OLD_PROFILE, profile));
                }
                empty.extend(WEB_IDENTITY);
            }
            Some(url) => {
                let bearer = self.folder.bearer().display().to_string();
                pairs.push(("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.clone()));
                pairs.push(("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", bearer));
                empty.push(BEARER);
            }
        }
        let there = empty.into_iter().filter(|name| env.has(name));
        pairs.extend(there.map(|name| (name, String::new())));
        pairs
    }

    /// The lines of the profile of the target with that number: in the config file, since it has no keys.
    pub(crate) fn profile(&self, number: usize, region: &Region) -> Values {
        let share = self.folder.share(number);
        let file = match self.endpoint {
            None => share.plan(),
            // An SDK takes an endpoint's URL from the environment only, and there is one environment.
            Some(_) => share.door(),
        };
        let line = line(&self.program, &file);
        Values {
            credentials: Vec::new(),
            config: vec![
                ("region", region.as_str().to_owned()),
                ("credential_process", line),
            ],
        }
    }

    /// What `post` has to put back, and the folder that has to go.
    pub(crate) fn remember(&self, journal: &mut Journal, pairs: &Pairs) {
        journal.refresh = Some(self.folder.path().to_owned());
        for (name, value) in pairs {
            if *name == PROFILE {
                journal.profile = Some(value.clone());
            } else if !REGION.contains(name) {
                journal.selected.insert((*name).to_owned(), value.clone());
            }
        }
    }
}

/// Variables that win over the endpoint and cannot be emptied: to the AWS CLI or to an SDK an empty one still says
/// something. Only the endpoint has them, where later steps are to find it by their environment; a profile is found
/// ahead of all but the keys.
pub(crate) fn refuse_rivals(env: &Env, request: &Request) -> Vec<Mistake> {
    let rivals = [
        PROFILE,
        OLD_PROFILE,
        WEB_IDENTITY[0],
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    ];
    let is_found = request.refresh == Some(Refresh::Server)
        && request
            .main()
            .is_some_and(|main| main.place.environment != EnvironmentPlace::Nothing);
    // botocore goes by a variable's being there, but for the token's file.
    let counts = |name: &&str| env.has(name) || (*name != WEB_IDENTITY[0] && env.is_empty(name));
    let there = rivals.into_iter().filter(|name| is_found && counts(name));
    there
        .map(|name| Mistake {
            input: "refresh".to_owned(),
            fault: Invalid::new(format!(
                "`server` cannot work while {name} is set{}: AWS tools take it ahead of the endpoint, and a step can empty a variable but not unset it; use `process`, or unset it for the job",
                if env.has(name) { "" } else { ", though empty" }
            )),
        })
        .collect()
}
