//! Whether this job can have a token: what its variables say before anything is asked.

use std::path::Path;

use super::TokenWay;
use crate::system::env::Env;

/// The two variables of GitHub's protocol.
pub(crate) const REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
pub(crate) const REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

impl TokenWay {
    /// What is missing for a token, as a sentence; nothing, if it can be asked for.
    pub(crate) fn lacks(self, env: &Env, audience: Option<&str>) -> Option<String> {
        let all = |names: &[&str]| {
            let missing = names.iter().find(|name| !env.has(name))?;
            Some(format!("{missing} is not set"))
        };
        match self {
            Self::GithubEndpoint => all(&[REQUEST_URL, REQUEST_TOKEN]),
            Self::GitlabVariable => none_of(env, &gitlab_variables(audience)),
            Self::Ready { variables, file } => {
                let there = file.is_some_and(|file| Path::new(file).exists());
                none_of(env, variables).filter(|_| !there)
            }
            // A job that cannot have the ready-made token can have no other.
            Self::Circleci => none_of(env, &CIRCLECI_VARIABLES),
            Self::BuildkiteAgent => all(&["BUILDKITE_JOB_ID"]),
            Self::AzurePost => all(&["SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN"]),
            Self::CodefreshGet => all(&["CF_OIDC_REQUEST_URL", "CF_OIDC_REQUEST_TOKEN"]),
            Self::MetadataServer => None,
            Self::None => Some("the system issues none".to_owned()),
        }
    }
}

impl TokenWay {
    /// Whether the audience is the one that is asked for.
    pub(crate) fn takes_audience(self) -> bool {
        self.renews() && self != Self::AzurePost
    }

    /// Whether a second request brings another token.
    pub(crate) fn renews(self) -> bool {
        match self {
            Self::GithubEndpoint
            | Self::BuildkiteAgent
            | Self::AzurePost
            | Self::CodefreshGet
            | Self::MetadataServer => true,
            Self::GitlabVariable | Self::Ready { .. } | Self::Circleci | Self::None => false,
        }
    }
}

/// Preferred first: the second version says more in its `sub`.
pub(crate) const CIRCLECI_VARIABLES: [&str; 2] = ["CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN"];

/// The names that are usual in `id_tokens:`: GitLab's own pages use the first, some tools the second.
pub(crate) fn gitlab_variables(audience: Option<&str>) -> [String; 2] {
    let audience = audience.unwrap_or(crate::model::request::Ask::AUDIENCE);
    let upper = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    let audience: String = audience.chars().map(upper).collect();
    [
        "GITLAB_OIDC_TOKEN".to_owned(),
        format!("{audience}_ID_TOKEN"),
    ]
}

fn none_of<T: AsRef<str>>(env: &Env, names: &[T]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if env.first(&names).is_some() {
        return None;
    }
    Some(match names.as_slice() {
        [one] => format!("{one} is not set"),
        many => format!("neither {} is set", many.join(" nor ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_missing() {
        let env = Env::from([
            ("SYSTEM_OIDCREQUESTURI", "https://x"),
            ("MY_AUD_ID_TOKEN", "t"),
        ]);
        for (way, audience, missing) in [
            (
                TokenWay::GithubEndpoint,
                None,
                Some("ACTIONS_ID_TOKEN_REQUEST_URL is not set"),
            ),
            (
                TokenWay::AzurePost,
                None,
                Some("SYSTEM_ACCESSTOKEN is not set"),
            ),
            (
                TokenWay::GitlabVariable,
                None,
                Some("neither GITLAB_OIDC_TOKEN nor STS_AMAZONAWS_COM_ID_TOKEN is set"),
            ),
            (TokenWay::GitlabVariable, Some("my-aud"), None),
            (
                TokenWay::Ready {
                    variables: &["A"],
                    file: Some("/nowhere"),
                },
                None,
                Some("A is not set"),
            ),
            (
                TokenWay::Ready {
                    variables: &["A"],
                    file: Some("/"),
                },
                None,
                None,
            ),
            (TokenWay::MetadataServer, None, None),
        ] {
            assert_eq!(way.lacks(&env, audience).as_deref(), missing, "{way:?}");
        }
    }
}
