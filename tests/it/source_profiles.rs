//! Profiles that are to give the first credentials and do not: what is wrong with each, and what helps.

use fake_aws::{FakeAws, Misbehaviour, World};

use crate::harness::{KEY_ID, OPS, SECRET_KEY, Step};

const DEVICE: &str = "arn:aws:iam::123456789012:mfa/ci-user";
const MFA_ONLY: &str = "arn:aws:iam::123456789012:role/mfa-only";

fn step<'f>(fake: &'f FakeAws, profile: &str) -> Step<'f> {
    with_profiles(Step::new().sts(fake).input("source-profile", profile))
}

fn with_profiles(step: Step<'_>) -> Step<'_> {
    let config = format!(
        "[profile keys]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n\
         [profile astray]\nrole_arn = {OPS}\nsource_profile = nowhere\n\
         [profile round]\nrole_arn = {OPS}\nsource_profile = about\n\
         [profile about]\nrole_arn = {OPS}\nsource_profile = round\n\
         [profile center]\nsso_session = us\nsso_account_id = 123456789012\nsso_role_name = Admin\n\
         [profile device]\nrole_arn = {MFA_ONLY}\nsource_profile = keys\nmfa_serial = {DEVICE}\n\
         [profile denied]\nrole_arn = arn:aws:iam::123456789012:role/nowhere\nsource_profile = keys\n\
         [profile bare]\nregion = eu-west-1\n\
         [profile login]\nlogin_session = arn:aws:iam::123456789012:user/me\n\
         [profile \"my role\"]\nregion = eu-west-1\n\
         [profile \"quoted\"]\nregion = eu-west-1\n\
         [profile over]\nrole_arn = {OPS}\nsource_profile = quoted\n\
         [profile ended]\ncredential_process = sh -c 'exit 4' credential-process --from x.plan\n"
    );
    let step = step.file("config", &config);
    let path = step.path("workspace").join("config").display().to_string();
    step.var("AWS_CONFIG_FILE", &path)
}

#[test]
fn each_says_what_is_wrong_with_it_and_what_helps() {
    let fake = FakeAws::start(World::demo());
    for (profile, fault, hint) in [
        (
            "gone",
            "there is no profile `gone` in ",
            "correct source-profile, or add the profile",
        ),
        (
            "astray",
            "the profile `astray` has the source_profile `nowhere`, which is not in ",
            "correct source_profile of `astray`, or add `nowhere`",
        ),
        (
            "round",
            "which leads back to it",
            "let the last source_profile name a profile with credentials",
        ),
        (
            "center",
            "the profile `center` is one of IAM Identity Center",
            "export its credentials first, and leave source-profile out: `eval \"$(aws configure export-credentials --profile center",
        ),
        (
            "device",
            "the profile `device` has mfa_serial",
            &format!("--source-profile keys --mfa-serial {DEVICE} --role-to-assume {MFA_ONLY}"),
        ),
        (
            "device",
            "STS refused: AccessDenied: User: arn:aws:iam::123456789012:user/ci-user is not authorized",
            "name its parts in its place",
        ),
        (
            "bare",
            "the profile `bare` is there, and has no credentials",
            "give it aws_access_key_id and aws_secret_access_key, or credential_process",
        ),
        (
            "login",
            "the profile `login` is one of `aws login`",
            "or name a profile with `credential_process = aws configure export-credentials --profile login`",
        ),
        (
            "my role",
            "there is no profile `my role` in ",
            "are read by the AWS CLI alone: write the heading as [profile my-role], and source-profile so too",
        ),
        (
            "quoted",
            "there is no profile `quoted` in ",
            "write the heading as [profile quoted], and source-profile so too",
        ),
        (
            "over",
            "the profile `over` has the source_profile `quoted`, which is not in ",
            "write the heading as [profile quoted], and source_profile of `over` so too",
        ),
        (
            "no/such",
            "there is no profile `no/such` in ",
            "correct source-profile, or add the profile",
        ),
        (
            "rolehop-0a1b2c3d",
            "there is no profile `rolehop-0a1b2c3d` in ",
            "it was the profile of a step with `refresh`, which has ended",
        ),
        (
            "denied",
            "the profile `denied`: STS refused: AccessDenied: User: arn:aws:iam::123456789012:user/ci-user is not authorized",
            "correct the profile, which `aws sts get-caller-identity --profile denied` tries too",
        ),
        (
            "ended",
            "the profile `ended`: ",
            "an earlier step's `refresh` renews these, and has ended or fails",
        ),
    ] {
        let failed = step(&fake, profile).run().fails("no-credentials", 4);
        failed
            .says(fault)
            .says(hint)
            .does_not_say("or source-profile");
    }
    // Nor does a shell's hint tell what was done already.
    let shell = with_profiles(Step::shell().sts(&fake));
    for profile in ["bare", "my role", "quoted", "no/such", "gone"] {
        shell
            .command(&["whoami", "--source-profile", profile])
            .ends("no-credentials", 4)
            .does_not_say("or source-profile");
    }
    // The variable is named where it is that.
    let by_variable = step(&fake, "keys").without("INPUT_SOURCE-PROFILE");
    by_variable
        .var("AWS_PROFILE", "gone")
        .run()
        .fails("no-credentials", 4)
        .says("there is no profile `gone` in ")
        .says("correct AWS_PROFILE, or add the profile");
}

/// It is not the missing code, and what it is must not get lost.
#[test]
fn mfa_serial_is_no_reason_where_something_else_failed() {
    let fake = FakeAws::start(World::demo());
    let ended = Misbehaviour::error(400, "ExpiredToken", "The token is expired");
    fake.misbehave("AssumeRole", ended.always());
    step(&fake, "device")
        .run()
        .fails("no-credentials", 4)
        .says("the profile `device`: STS refused: ExpiredToken: The token is expired")
        .does_not_say("mfa_serial");
}

#[test]
fn an_endpoint_of_an_earlier_step_that_has_ended_is_told_as_such() {
    let step = Step::new()
        .var("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/")
        .input("role-chaining", "true");
    let folder = step.path("temp").join("refresh-1a2b");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("bearer"), "x").expect("a file");
    let bearer = folder.join("bearer").display().to_string();
    let hint = "an earlier step's `refresh` renews these, and has ended or fails: let that step run again before this one";
    step.var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &bearer)
        .run()
        .fails("no-credentials", 4)
        .says("the container credentials endpoint: ")
        .says(hint);
    let other = Step::new()
        .var("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/")
        .input("role-chaining", "true");
    other.run().fails("no-credentials", 4).does_not_say(hint);
}
