//! Random files in the AWS shared format, in all the ways that people write one.

use super::super::heading::Kind;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Keys that decide who a profile is, or that an edit sets, in the spelling that a file may have.
pub(super) const IDENTITY: [&str; 9] = [
    "aws_access_key_id",
    "AWS_Secret_Access_Key",
    "aws_session_token",
    "role_arn",
    "source_profile",
    "sso_session",
    "credential_process",
    "region",
    "web_identity_token_file",
];

/// The name of `dev` among others, and what is nearly it.
fn heading(kind: Kind) -> impl Strategy<Value = String> {
    let inside: &[&str] = match kind {
        Kind::Credentials => &["dev", " dev\t", "dev ", "prod", "default", "Dev", "\"dev\""],
        Kind::Config => &[
            "profile dev",
            " profile  dev ",
            "profile\tdev",
            "profile \"dev\"",
            "profile 'dev'",
            "profile prod",
            "profile Dev",
            "default",
            "profile default",
            "dev",
            "sso-session dev",
            "services dev",
        ],
    };
    let behind = select(&["", "", "", " ; mine", "\t# größe", " # see [x]", "  "][..]);
    (select(inside), behind).prop_map(|(inside, behind)| format!("[{inside}]{behind}"))
}

fn other() -> impl Strategy<Value = &'static str> {
    select(
        &[
            "# a comment = 1",
            "; [dev]",
            "",
            "  \t",
            "#größe – ünïcode 🐱",
            ";",
        ][..],
    )
}

fn line() -> impl Strategy<Value = Vec<String>> {
    let key = prop_oneof![
        select(&IDENTITY[..]),
        select(&["output", "endpoint_url", "Cli_Pager"][..]),
    ];
    let value = select(&["x", "a=b", "größe", "x # note", "us-east-1", "[x]"][..]);
    let spacing = select(&["=", " = ", "\t=  "][..]);
    let property =
        (key, spacing, value).prop_map(|(key, is, value)| vec![format!("{key}{is}{value}")]);
    let nested = [
        "  max_concurrent_requests = 20",
        "\tregion = nested",
        "    aws_session_token = nested",
        "  # for the SDKs a part of the value = 1",
    ];
    let nested = select(nested.map(str::to_owned).to_vec());
    let group = vec(nested, 1..3).prop_map(|mut lines| {
        lines.insert(0, "s3 =".to_owned());
        lines
    });
    prop_oneof![
        4 => property,
        1 => group,
        2 => other().prop_map(|line| vec![line.to_owned()]),
    ]
}

/// A file that the SDK accepts. Line endings are of one kind or mixed; the last line may have none.
pub(super) fn file(kind: Kind) -> impl Strategy<Value = String> {
    let section = (heading(kind), vec(line(), 0..6)).prop_map(|(heading, lines)| {
        let mut all = vec![heading];
        all.extend(lines.into_iter().flatten());
        all
    });
    let preamble = vec(other().prop_map(str::to_owned), 0..3);
    let endings = prop_oneof![
        3 => Just(vec!["\n"]),
        2 => Just(vec!["\r\n"]),
        1 => vec(select(&["\n", "\r\n"][..]), 2..7),
    ];
    (preamble, vec(section, 0..6), endings, any::<bool>()).prop_map(
        |(preamble, sections, endings, is_ended)| {
            let lines: Vec<String> = preamble.into_iter().chain(sections.concat()).collect();
            let last = lines.len().saturating_sub(1);
            lines
                .iter()
                .zip(endings.into_iter().cycle())
                .enumerate()
                .flat_map(|(at, (line, ending))| {
                    [
                        line.as_str(),
                        if at < last || is_ended { ending } else { "" },
                    ]
                })
                .collect()
        },
    )
}
