//! The one list of settings. The parser, `action.yml`, `--help` and `docs/inputs.md` are checked against it.

use super::setting::Group::{Essentials, HandOver, Network, Session, Source};
use super::setting::{Setting, secret, setting, toggle};

/// Every setting, in the order of the documentation.
pub(crate) const SETTINGS: &[Setting] = &[
    setting(
        "aws-region",
        Essentials,
        &["AWS_REGION", "AWS_DEFAULT_REGION"],
        "AWS region, as in eu-west-1. It also decides the partition. Needed for all but logout, here, as a variable, or in the profile of source-profile or AWS_PROFILE if the first credentials are that one's.",
    ),
    setting(
        "role-to-assume",
        Essentials,
        &["ROLE_TO_ASSUME"],
        "The role's ARN; or its name, in the account of the credentials; or a chain of roles separated by `>` or line breaks.",
    ),
    setting(
        "roles",
        Essentials,
        &[],
        "Several targets in one step, a line each: `PROFILE = ARN`, with a chain as in role-to-assume; `env = ARN` for the environment. With role-to-assume, that is the environment's.",
    ),
    Setting {
        default: Some("sts.amazonaws.com"),
        ..setting(
            "audience",
            Source,
            &["AUDIENCE"],
            "Audience of the OIDC token, where the CI system lets it be chosen. It must be among the client IDs of the IAM OIDC provider.",
        )
    },
    setting(
        "aws-access-key-id",
        Source,
        &[],
        "Access key ID of static keys.",
    ),
    secret(
        "aws-secret-access-key",
        Source,
        &[],
        "Secret access key of static keys. Needed with aws-access-key-id.",
    ),
    secret(
        "aws-session-token",
        Source,
        &[],
        "Session token, when the keys are temporary.",
    ),
    setting(
        "web-identity-token-file",
        Source,
        &["WEB_IDENTITY_TOKEN_FILE"],
        "File with a web identity token: an absolute path, or one relative to the workspace; `-` for standard input.",
    ),
    secret(
        "web-identity-token",
        Source,
        &[],
        "A web identity token itself, as in a variable that the CI system sets.",
    ),
    setting(
        "web-identity-token-variable",
        Source,
        &[],
        "Name of the variable that has the web identity token, where the CI system lets you choose it.",
    ),
    setting(
        "azure-service-connection",
        Source,
        &[],
        "Azure Pipelines: ID of the service connection whose identity the token has. Without it: the pipeline's own.",
    ),
    setting(
        "token-session-tags",
        Source,
        &[],
        "Buildkite: claims that the token carries as session tags, separated by commas, as in `organization_slug,pipeline_slug`.",
    ),
    toggle(
        "role-chaining",
        Source,
        &["ROLE_CHAINING"],
        "`true`: assume the role with the credentials that the environment has, as from an earlier step.",
    ),
    setting(
        "source-profile",
        Source,
        &[],
        "Profile of the AWS config files whose credentials assume the role.",
    ),
    toggle(
        "force-skip-oidc",
        Source,
        &[],
        "`true`: do not use OIDC even if the job may request a token.",
    ),
    toggle(
        "use-existing-credentials",
        Source,
        &["USE_EXISTING_CREDENTIALS"],
        "`true`: keep the credentials that the environment has, if AWS accepts them.",
    ),
    setting(
        "ci",
        Source,
        &[],
        "The CI system, where it is not the one that the variables tell: its name, or `none`.",
    ),
    setting(
        "min-remaining",
        Source,
        &[],
        "How long credentials that use-existing-credentials keeps must still live, as in 45m, 1h30m or 3600 (seconds).",
    ),
    setting(
        "role-session-name",
        Session,
        &["ROLE_SESSION_NAME"],
        "Name of the session in CloudTrail, 2 to 64 characters; `{repo}-{run}` and other words of the job may stand in it. Without it: GitHubActions on GitHub, elsewhere what leads back to the job.",
    ),
    setting(
        "role-duration-seconds",
        Session,
        &["ROLE_DURATION_SECONDS"],
        "Length of the session, 900 to 43200 seconds; at most 3600 in a chain. Without it: 3600, with refresh 900.",
    ),
    setting(
        "role-external-id",
        Session,
        &["ROLE_EXTERNAL_ID"],
        "External ID that the role's trust policy asks for, 2 to 1224 characters. Not possible on a role assumed with a token.",
    ),
    setting(
        "inline-session-policy",
        Session,
        &["INLINE_SESSION_POLICY"],
        "JSON policy that narrows the session, or its file, as in file://policy.json. At most 2048 characters without blanks.",
    ),
    setting(
        "policy-for-pull-requests",
        Session,
        &[],
        "Takes the place of inline-session-policy when the event is a pull request. JSON or a file.",
    ),
    setting(
        "role-for-pull-requests",
        Session,
        &[],
        "Takes the place of role-to-assume when the event is a pull request.",
    ),
    setting(
        "managed-session-policies",
        Session,
        &["MANAGED_SESSION_POLICIES"],
        "ARNs of managed policies that narrow the session, a line each, at most 10.",
    ),
    setting(
        "custom-tags",
        Session,
        &[],
        "Session tags beside the job's own: a JSON object, or `Key=Value` lines.",
    ),
    setting(
        "session-tags",
        Session,
        &[],
        "Another name for custom-tags.",
    ),
    toggle(
        "role-skip-session-tagging",
        Session,
        &["ROLE_SKIP_SESSION_TAGGING"],
        "`true`: send no session tags.",
    ),
    setting(
        "transitive-tag-keys",
        Session,
        &["TRANSITIVE_TAG_KEYS"],
        "Keys of the tags that go along when the role assumes another one, a line each.",
    ),
    setting(
        "source-identity",
        Session,
        &[],
        "STS source identity, 2 to 64 characters, with words of the job as in role-session-name. Not possible on a role assumed with a token.",
    ),
    setting(
        "mfa-serial",
        Session,
        &[],
        "Serial number or ARN of the MFA device of the static keys.",
    ),
    setting(
        "mfa-code",
        Session,
        &[],
        "The six digits that the MFA device shows.",
    ),
    secret(
        "mfa-totp-secret",
        Session,
        &[],
        "Secret key of a virtual MFA device in base32; the code is computed from it.",
    ),
    setting(
        "mfa-session-seconds",
        Session,
        &[],
        "Keep a session with MFA for that long on disk, 900 to 129600 seconds, so that one code serves many calls. Without it: 43200 on a person's machine; none in CI, as with 0.",
    ),
    toggle(
        "output-env-credentials",
        HandOver,
        &[],
        "`false`: do not export the credentials as environment variables. Without it: true, unless aws-profile is set without refresh.",
    ),
    toggle(
        "output-credentials",
        HandOver,
        &["OUTPUT_CREDENTIALS"],
        "`true`: also set the credentials as step outputs.",
    ),
    setting(
        "aws-profile",
        HandOver,
        &[],
        "Write the credentials to this profile of the AWS config files instead of the environment.",
    ),
    toggle(
        "overwrite-aws-profile",
        HandOver,
        &["OVERWRITE_AWS_PROFILE"],
        "`true`: replace a profile of that name if it exists.",
    ),
    setting(
        "allowed-account-ids",
        HandOver,
        &[],
        "Account IDs, separated by commas. For any other account the step fails before anything is exported.",
    ),
    toggle(
        "mask-aws-account-id",
        HandOver,
        &["MASK_AWS_ACCOUNT_ID"],
        "`true`: mask the account ID in the log.",
    ),
    toggle(
        "mask-access-key-id",
        HandOver,
        &[],
        "`false`: leave the access key ID unmasked, as for pre-signed URLs in job outputs. Without it: true.",
    ),
    toggle(
        "unset-current-credentials",
        HandOver,
        &["UNSET_CURRENT_CREDENTIALS"],
        "`true`: forget the credentials of the environment first, even if this step then fails.",
    ),
    toggle(
        "special-characters-workaround",
        HandOver,
        &["SPECIAL_CHARACTERS_WORKAROUND"],
        "`true`: ask STS again, at most 32 times, until the keys have letters and digits only.",
    ),
    setting(
        "cleanup",
        HandOver,
        &[],
        "What happens when the job ends: `restore` what was there before (without it), `clear` the variables, or `none`.",
    ),
    toggle(
        "logout",
        HandOver,
        &[],
        "`true`: undo what earlier steps of this job handed over, and nothing else: for a step ahead of others that must not have it.",
    ),
    setting(
        "hand-over",
        HandOver,
        &[],
        "Where a CI has a choice. `secret`: Azure Pipelines flags the variables, and later steps map them; `unmasked`: TeamCity gets them as parameters, which are seen in the build. Without it: `auto`.",
    ),
    setting(
        "refresh",
        HandOver,
        &[],
        "Credentials that do not expire. `process`: a profile that asks rolehop whenever an AWS tool needs them, selected by AWS_PROFILE; `server`: a credentials endpoint on 127.0.0.1. The profiles of roles are renewed too. Without it: the keys as they are issued.",
    ),
    toggle(
        "gitlab-proxy-exec",
        HandOver,
        &[],
        "`true`: the GitLab runner has `proxy_exec` on, so masks are printed for it. Where it has not, this shows the secrets.",
    ),
    toggle(
        "summary",
        HandOver,
        &[],
        "`false`: no identity card in the step summary. Without it: true.",
    ),
    setting(
        "sts-endpoint",
        Network,
        &[],
        "URL of another STS, as for LocalStack or a VPC endpoint.",
    ),
    toggle(
        "use-fips-endpoint",
        Network,
        &["AWS_USE_FIPS_ENDPOINT"],
        "`true`: use the region's FIPS endpoint.",
    ),
    toggle(
        "use-dualstack-endpoint",
        Network,
        &["AWS_USE_DUALSTACK_ENDPOINT"],
        "`true`: use the region's dual-stack endpoint.",
    ),
    setting(
        "http-proxy",
        Network,
        &[],
        "Proxy for every request. Without it: the usual proxy variables, in both cases.",
    ),
    setting(
        "no-proxy",
        Network,
        &[],
        "Hosts, suffixes and networks that are reached without the proxy, separated by commas.",
    ),
    setting(
        "ca-bundle",
        Network,
        &["AWS_CA_BUNDLE"],
        "PEM file with certificates to trust beside Mozilla's and the system's.",
    ),
    toggle(
        "disable-retry",
        Network,
        &["DISABLE_RETRY"],
        "`true`: send each request once.",
    ),
    setting(
        "retry-max-attempts",
        Network,
        &["RETRY_MAX_ATTEMPTS"],
        "How often a request that may succeed later is sent, 1 to 100. Without it: 12.",
    ),
    setting(
        "action-timeout-s",
        Network,
        &[],
        "Seconds after which the step fails, 0 to 86400. Without it, or with 0: 60.",
    ),
];

/// An output under the name that it has everywhere.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
}

/// Every output.
pub(crate) const OUTPUTS: &[Output] = &[
    Output {
        name: "aws-account-id",
        help: "Account ID of the credentials.",
    },
    Output {
        name: "authenticated-arn",
        help: "ARN that the credentials stand for.",
    },
    Output {
        name: "aws-access-key-id",
        help: "Access key ID, if output-credentials is true.",
    },
    Output {
        name: "aws-secret-access-key",
        help: "Secret access key, if output-credentials is true.",
    },
    Output {
        name: "aws-session-token",
        help: "Session token, if output-credentials is true and there is one.",
    },
    Output {
        name: "aws-expiration",
        help: "When the credentials expire (RFC 3339, UTC), if output-credentials is true.",
    },
];
