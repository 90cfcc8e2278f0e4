//! What `rolehop export` prints, evaluated by the shells and read by the tools that it is for: the value comes back, or it was refused.
//!
//! Secrets have every character that STS may issue and many that it may not. Shells are used where they are; under `cargo xtask test`
//! those that it installs must be.

mod readers;

use std::collections::BTreeMap;

use fake_aws::{FakeAws, User, World};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::harness::Step;
use readers::{Found, Reader};

const USER: &str = "arn:aws:iam::123456789012:user/ci-user";
const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";

/// Every character that a secret key or a session token of STS has.
const OF_STS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-";

/// One evaluation costs little once the shell has started, so there can be many.
const MANY: u32 = 40;
/// For formats whose readers are no shells.
const FEW: u32 = 10;

/// A secret, and the text that was printed for it; none if it was refused.
type Printed = Vec<(String, Option<String>)>;

/// Values that break a careless quote, each in its own way.
fn hard_values() -> Vec<String> {
    let texts = [
        OF_STS,
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY==",
        "'\"$`\\;&|<>()[]{}!#%^~*?",
        "a'b'c''d'''e",
        "'''''''''",
        "\\\\a\\'b\\\"c\\",
        "ends-in-a-backslash\\",
        "ends-in-a-quote'",
        "'begins-with-a-quote",
        "$(touch owned) `touch owned` ${HOME} $HOME",
        "%PATH% !PATH! ^& ^^ %%",
        "a && b || c | d > e < f & g ; h",
        "# no comment # here",
        "-n -e --help /x",
        "two  blanks   and a * star",
        "\"'\"'\"'$x\"'",
        "r#'raw'# r##\"raw\"##",
        "\\u{41} \\x41 \\n \\t \\0 \\e",
        "’‘‚‛ “typographic” ‘quotes’",
        "ünïcödé ☃ 漢字 🦀 é\u{301}",
        "@{a=1} @(1) #{x} {{x}} <% %>",
        "=equals=in=front",
        "~tilde/~root",
        "export AWS_REGION=elsewhere",
    ];
    texts.map(str::to_owned).to_vec()
}

/// Random strings of all that can be typed, with what is special somewhere made frequent.
fn random_values(count: u32) -> Vec<String> {
    let strategy = "[ -~]{8,40}|['\"$`\\\\%!^&|<>(){}\\[\\]#~*? a]{8,24}|[a-zA-Z0-9+/=]{40}|[ -~¡-ӿ‘-‟☀-☃]{8,24}";
    let strategy = proptest::string::string_regex(strategy)
        .expect("a regular expression")
        // The SDK that reads these from the environment takes the blanks at the ends away.
        .prop_filter("blanks at an end", |text| {
            text.trim() == text && text.trim().len() >= 8
        });
    let config = Config {
        rng_seed: RngSeed::Random,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let mut sample = || {
        let tree = strategy.new_tree(&mut runner).expect("a value");
        tree.current()
    };
    (0..count).map(|_| sample()).collect()
}

fn values(random: u32) -> Vec<String> {
    let random = random_values(random);
    hard_values().into_iter().chain(random).collect()
}

/// What is printed for each of the secrets, by the real binary.
fn printed(format: &str, values: &[String]) -> Printed {
    let first = User::new(USER, KEY_ID, "in the place of the first");
    let fake = FakeAws::start(World::empty().user(first));
    let print = |value: &String| {
        fake.edit(|world| {
            for user in &mut world.users {
                user.secret_access_key.clone_from(value);
            }
        });
        let outcome = Step::shell()
            .sts(&fake)
            .var("AWS_ACCESS_KEY_ID", KEY_ID)
            .var("AWS_SECRET_ACCESS_KEY", value)
            .hands_on(&["export", "--format", format]);
        if outcome.status == 0 {
            return Some(outcome.out);
        }
        let outcome = outcome.ends("export-refused", 7);
        assert!(!outcome.out.contains(value.as_str()));
        None
    };
    values
        .iter()
        .map(|value| (value.clone(), print(value)))
        .collect()
}

/// Every reader of the format gets back what went in; only values with one of `refused` were refused.
fn come_back(format: &str, refused: &[char]) {
    let printed = printed(format, &values(MANY));
    for (value, text) in &printed {
        let may_be_refused = value.contains(refused) || (format == "cmd" && !value.is_ascii());
        assert_eq!(text.is_none(), may_be_refused, "{format}: {value:?}");
    }
    let texts: Vec<(&String, &String)> = printed
        .iter()
        .filter_map(|(value, text)| Some((value, text.as_ref()?)))
        .collect();
    let input: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
    let mut seen = 0;
    for reader in Reader::of(format) {
        let Some(found) = reader.read(&input) else {
            continue;
        };
        assert_eq!(found.len(), texts.len(), "{}", reader.name());
        for (env, (value, text)) in found.iter().zip(&texts) {
            expect(reader, env, value, text);
        }
        seen += found.len();
    }
    assert!(
        seen > 0 || !Reader::must_be_there(format),
        "nothing reads {format}"
    );
}

fn expect(reader: &Reader, env: &Found, value: &str, text: &str) {
    let name = reader.name();
    let get = |name: &str| env.get(name).map_or("", String::as_str);
    assert_eq!(get("AWS_SECRET_ACCESS_KEY"), value, "{name} read\n{text}");
    assert_eq!(get("AWS_ACCESS_KEY_ID"), KEY_ID, "{name} read\n{text}");
    assert_eq!(get("AWS_REGION"), "eu-west-1", "{name} read\n{text}");
    for rival in ["AWS_PROFILE", "AWS_SESSION_TOKEN"] {
        assert_eq!(
            get(rival),
            "",
            "{name}: {rival} is still there after\n{text}"
        );
    }
}

#[test]
fn posix_shells() {
    come_back("sh", &[]);
}

#[test]
fn fish() {
    come_back("fish", &[]);
}

#[test]
fn nushell() {
    come_back("nushell", &[]);
}

#[test]
fn powershell() {
    come_back("powershell", &[]);
}

#[test]
fn cmd() {
    come_back("cmd", &['%', '!', '"']);
}

#[test]
fn readers_of_dotenv_files() {
    come_back("dotenv", &['\'', '\\', '$', '`']);
}

#[test]
fn readers_of_json() {
    let values = values(FEW);
    for (format, pointer) in [
        ("json", "/Credentials/SecretAccessKey"),
        ("credential-process", "/SecretAccessKey"),
    ] {
        for (value, text) in printed(format, &values) {
            let text = text.expect("JSON takes every value");
            let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let found = document.pointer(pointer).and_then(|found| found.as_str());
            assert_eq!(found, Some(value.as_str()));
        }
    }
}

#[test]
fn the_runners_parser() {
    let values = values(FEW);
    for (value, text) in printed("github", &values) {
        let text = text.expect("a runner's file takes every value");
        let pairs: BTreeMap<String, String> =
            crate::harness::parse_runner_file(&text).expect("as the runner reads it");
        assert_eq!(pairs["AWS_SECRET_ACCESS_KEY"], value);
        assert_eq!(pairs["AWS_SESSION_TOKEN"], "");
    }
}

#[test]
fn a_control_character_is_refused_by_all() {
    let values = [
        "line\nbreak in it",
        "carriage\rreturn",
        "a\u{1b}[31m escape",
        "a tab\tin it",
    ];
    let values = values.map(str::to_owned);
    for format in [
        "sh",
        "fish",
        "powershell",
        "cmd",
        "nushell",
        "dotenv",
        "json",
        "github",
        "credential-process",
    ] {
        for (value, text) in printed(format, &values) {
            assert_eq!(text, None, "{format}: {value:?}");
        }
    }
}
