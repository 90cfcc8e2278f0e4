//! Tokens that somebody gave, and the machine's own credentials: which of them, and the job's token, is taken.

use fake_aws::FakeAws;
use serde_json::json;

use super::tokens::{BUILDKITE, CI, assumes, world};
use super::variables;
use crate::harness::{KEY_ID, OPS, SECRET_KEY};

#[test]
fn a_token_in_hand_wins_over_the_jobs_own() {
    let fake = FakeAws::start(world());
    let mint = |sub: &str| {
        fake.mint(&json!({"iss": "https://gitlab.com", "aud": "sts.amazonaws.com", "sub": sub}))
    };
    let step = || {
        let step = variables::of("GitLab CI").step().sts(&fake);
        step.var("GITLAB_OIDC_TOKEN", &mint("of-the-job"))
            .file("token", &format!("{}\n", mint("in-a-file")))
    };
    let in_file = step();
    let path = in_file.path("workspace").join("token");
    let in_file = in_file.var(
        "ROLEHOP_WEB_IDENTITY_TOKEN_FILE",
        &path.display().to_string(),
    );
    assumes(&fake, &in_file, "web identity token in", "in-a-file");
    let in_variable = step().var("ROLEHOP_WEB_IDENTITY_TOKEN", &mint("in-a-variable"));
    assumes(
        &fake,
        &in_variable,
        "web identity token in web-identity-token",
        "in-a-variable",
    );
    // Whoever fills a variable from a file forgets the line break at its end.
    let named = step()
        .var("ROLEHOP_WEB_IDENTITY_TOKEN_VARIABLE", "MINE")
        .var("MINE", &format!("{}\n", mint("in-a-variable")));
    let source = "web identity token in MINE";
    assumes(&fake, &named, source, "in-a-variable");
    let of_job = step().var("GITLAB_OIDC_TOKEN", &format!("{}\r\n", mint("of-the-job")));
    assumes(
        &fake,
        &of_job,
        "OIDC token of this GitLab CI job",
        "of-the-job",
    );
    let input = format!("{}\n", mint("piped"));
    let piped = step()
        .var("ROLEHOP_WEB_IDENTITY_TOKEN_FILE", "-")
        .stdin(&input);
    assumes(
        &fake,
        &piped,
        "web identity token on standard input",
        "piped",
    );
    assumes(
        &fake,
        &step(),
        "OIDC token of this GitLab CI job",
        "of-the-job",
    );
}

#[test]
fn of_gitlabs_tokens_the_one_for_the_audience_is_taken() {
    let fake = FakeAws::start(world());
    let mint = |aud: &str| fake.mint(&json!({"iss": "https://gitlab.com", "aud": aud, "sub": aud}));
    let vault = mint("https://vault.example.com");
    let step = || variables::of("GitLab CI").step().sts(&fake);
    let source = "OIDC token of this GitLab CI job";
    for other in [&*vault, "hunter2-hunter2"] {
        let step = step().var("GITLAB_OIDC_TOKEN", other);
        let step = step.var("STS_AMAZONAWS_COM_ID_TOKEN", &mint("sts.amazonaws.com"));
        assumes(&fake, &step, source, "sts.amazonaws.com");
    }
    // None is for it: the one of the usual name, as where it is the only one.
    let step = step().var("GITLAB_OIDC_TOKEN", &mint("sts.amazonaws.com"));
    let step = step.var("OURS_ID_TOKEN", &vault);
    step.command(&["whoami", "--role-to-assume", CI, "--audience", "ours"])
        .succeeds()
        .says("the token's audience is sts.amazonaws.com, not ours");
}

#[test]
fn a_token_in_hand_that_is_none_is_named_and_not_shown() {
    let step = variables::of("Jenkins").step();
    let words = ["whoami", "--role-to-assume", CI];
    step.var("ROLEHOP_WEB_IDENTITY_TOKEN", "hunter2-hunter2")
        .command(&words)
        .ends("token-file", 4)
        .says("cause: web-identity-token: the token is not a JSON web token")
        .does_not_say("hunter2");
    let step = variables::of("Jenkins").step();
    step.var("ROLEHOP_WEB_IDENTITY_TOKEN", "hunter2-hunter2")
        .command(&["check", "--role-to-assume", CI])
        .ends("token-file", 4);
    let step = variables::of("GitLab CI").step();
    step.var("GITLAB_OIDC_TOKEN", "hunter2-hunter2")
        .command(&words)
        .ends("token-file", 4)
        .says("cause: GITLAB_OIDC_TOKEN: the token is not a JSON web token")
        .does_not_say("hunter2");
    let step = variables::of("Jenkins").step();
    let missing = [&words[..], &["--web-identity-token-variable", "NOT_THERE"]].concat();
    step.command(&missing)
        .ends("invalid-inputs", 3)
        .says("--web-identity-token-variable: names `NOT_THERE`, a variable that is not set");
    let flag = [&words[..], &["--web-identity-token", "x"]].concat();
    step.command(&flag).ends("usage", 2);
    let two = [&words[..], &["--web-identity-token-file", "-"]].concat();
    step.var("ROLEHOP_WEB_IDENTITY_TOKEN", "x.y.z")
        .command(&two)
        .ends("invalid-inputs", 3)
        .says("cannot be combined with web-identity-token-file");
}

#[test]
fn a_token_file_without_a_role_of_its_own_is_for_whoever_wants_one() {
    let fake = FakeAws::start(world());
    let token = fake.mint(&json!({"iss": BUILDKITE, "aud": "sts.amazonaws.com", "sub": "jenkins"}));
    let step = variables::of("Jenkins")
        .step()
        .sts(&fake)
        .file("token", &token);
    let path = step.path("workspace").join("token").display().to_string();
    let step = step.var("AWS_WEB_IDENTITY_TOKEN_FILE", &path);
    assumes(&fake, &step, "web identity token in", "jenkins");
    // The pod's own role is what is wanted.
    let pod = step.var("AWS_ROLE_ARN", CI);
    assumes(&fake, &pod, "web identity token in", "jenkins");
}

#[test]
fn a_pods_role_leads_to_another_one_and_any_system_may_run_in_a_pod() {
    for title in ["Kubernetes", "GitLab CI"] {
        let fake = FakeAws::start(world());
        let token = fake.mint(&json!({"iss": BUILDKITE, "aud": "sts.amazonaws.com", "sub": "system:serviceaccount:ci:deploy"}));
        let step = variables::of(title).step().sts(&fake).file("token", &token);
        let path = step.path("workspace").join("token").display().to_string();
        let step = step
            .var("AWS_WEB_IDENTITY_TOKEN_FILE", &path)
            .var("AWS_ROLE_ARN", CI);
        step.command(&["whoami", "--role-to-assume", OPS])
            .succeeds()
            .says("source: AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN (no other source is given");
        let issued = fake.sessions();
        let operations: Vec<&str> = issued.iter().map(|s| s.operation.as_str()).collect();
        assert_eq!(operations, ["AssumeRoleWithWebIdentity", "AssumeRole"]);
        let fake = FakeAws::start(world());
        let pod = variables::of(title).step().sts(&fake);
        let pod = pod
            .var(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                &fake.container_credentials_url(),
            )
            .var(
                "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                &fake.container_auth_token(),
            );
        pod.command(&["whoami", "--role-to-assume", OPS])
            .succeeds()
            .says("source: the container credentials endpoint");
    }
}

#[test]
fn force_skip_oidc_leaves_the_jobs_token_alone() {
    let fake = FakeAws::start(world());
    let token =
        fake.mint(&json!({"iss": "https://gitlab.com", "aud": "sts.amazonaws.com", "sub": "p"}));
    let gitlab = variables::of("GitLab CI").step().sts(&fake);
    let gitlab = gitlab
        .var("GITLAB_OIDC_TOKEN", &token)
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    for flag in ["--force-skip-oidc", "--role-chaining"] {
        gitlab
            .command(&["whoami", "--role-to-assume", OPS, flag])
            .succeeds()
            .says("source: the environment's AWS_ACCESS_KEY_ID");
    }
}
