//! Every way in which a server or the road to it can fail, for the token endpoint and for STS: each has its own code, tells how
//! far it came, and ends.

use fake_aws::{Broken, BrokenServer, Certificate, FakeAws, Misbehaviour, World};

use crate::harness::{Outcome, Step};

/// The token endpoint, then STS: each test is done for both.
const SIDES: [Side; 2] = [Side::Token, Side::Sts];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Token,
    Sts,
}

impl Side {
    fn operation(self) -> &'static str {
        match self {
            Self::Token => "GetIdToken",
            Self::Sts => "AssumeRoleWithWebIdentity",
        }
    }

    /// The code for this side of what happened to it.
    fn code(self, what: &str) -> String {
        match self {
            Self::Token => format!("oidc-{what}"),
            Self::Sts => format!("sts-{what}"),
        }
    }

    /// The step of the README whose token endpoint, or STS, is at another URL; it does not ask twice, and has two seconds.
    fn at<'f>(self, fake: &'f FakeAws, url: &str) -> Step<'f> {
        let step = Step::oidc(fake)
            .input("action-timeout-s", "2")
            .input("disable-retry", "true");
        match self {
            Self::Token => step.var(
                "ACTIONS_ID_TOKEN_REQUEST_URL",
                &format!("{url}/idtoken?api-version=2.0"),
            ),
            Self::Sts => step.var("AWS_ENDPOINT_URL_STS", url),
        }
    }
}

fn fails(outcome: Outcome, code: &str, part: &str) {
    outcome.fails(code, 6).says(part);
}

#[test]
fn a_black_hole() {
    for side in SIDES {
        let fake = FakeAws::start(World::demo());
        let hole = BrokenServer::start(Broken::Silent);
        let code = side.code("timed-out");
        let plain = side.at(&fake, &hole.url("http")).run();
        fails(plain, &code, "took the request and did not answer within");
        let tls = side.at(&fake, &hole.url("https")).run();
        fails(tls, &code, "did not finish the TLS handshake within");
        let blocked = BrokenServer::start(Broken::Blocked);
        for scheme in ["http", "https"] {
            let nobody = side.at(&fake, &blocked.url(scheme)).run();
            fails(nobody, &side.code("unreachable"), ": none within");
        }
    }
}

#[test]
fn a_server_that_drips() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 9\r\n\r\n";
    for side in SIDES {
        let fake = FakeAws::start(World::demo());
        let dripping = BrokenServer::start(Broken::Drips(HEAD));
        let head = side.at(&fake, &dripping.url("http")).run();
        fails(head, &side.code("timed-out"), "did not answer within");
        fake.misbehave(side.operation(), Misbehaviour::Drip.always());
        let body = side.at(&fake, &fake.url()).run();
        fails(
            body,
            &side.code("timed-out"),
            "began to answer and had not ended after",
        );
        assert_eq!(fake.count(side.operation()), 1);
    }
}

#[test]
fn a_connection_that_breaks_off() {
    for side in SIDES {
        let fake = FakeAws::start(World::demo());
        let code = side.code("interrupted");
        for what in [Broken::Resets, Broken::Closes] {
            let broken = BrokenServer::start(what);
            let plain = side.at(&fake, &broken.url("http")).run();
            fails(plain, &code, "broke the connection off: ");
            let tls = side.at(&fake, &broken.url("https")).run();
            fails(tls, &code, "broke the TLS handshake off: ");
        }
        for what in [
            Misbehaviour::Reset,
            Misbehaviour::Torn,
            Misbehaviour::Truncated,
        ] {
            fake.misbehave(side.operation(), what);
            let broken = side.at(&fake, &fake.url()).run();
            fails(broken, &code, "broke the connection off: ");
        }
    }
}

#[test]
fn a_certificate_that_cannot_be_trusted_is_asked_for_once() {
    for side in SIDES {
        let fake = FakeAws::start(World::demo());
        for (certificate, trusted, cause, hint) in [
            (Certificate::Good, false, "UnknownIssuer", "with ca-bundle"),
            (
                Certificate::Expired,
                true,
                "expired",
                "check the runner's clock",
            ),
            (
                Certificate::OtherName,
                true,
                "not valid for name",
                "for other names",
            ),
        ] {
            let server = FakeAws::builder(World::demo())
                .certificate(certificate)
                .start();
            // Retries are on: none may be made.
            let mut step = side
                .at(&fake, &server.url())
                .input("disable-retry", "false");
            if trusted {
                let pem = server.ca_pem().expect("a CA");
                step = step.file("ca.pem", &pem).input("ca-bundle", "ca.pem");
            }
            let outcome = step.run().says(hint).does_not_say("trying again");
            fails(outcome, &side.code("tls"), cause);
            assert_eq!(server.requests().len(), 0);
        }
    }
}

#[test]
fn something_that_is_not_tls_or_not_http() {
    for side in SIDES {
        let fake = FakeAws::start(World::demo());
        let plain = BrokenServer::start(Broken::Says(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
        let step = side.at(&fake, &plain.url("https"));
        let outcome = step.input("disable-retry", "false").run();
        let outcome = outcome.does_not_say("trying again");
        fails(outcome, &side.code("tls"), "does not speak TLS");
        let ssh = BrokenServer::start(Broken::Says(b"SSH-2.0-OpenSSH_9.9\r\n"));
        let step = side.at(&fake, &ssh.url("http"));
        let outcome = step.input("disable-retry", "false").run();
        let exit = if side == Side::Token { 4 } else { 5 };
        outcome
            .fails(&side.code("answer-invalid"), exit)
            .says("does not speak HTTP")
            .does_not_say("trying again");
    }
}

#[test]
fn a_name_without_an_address() {
    for side in SIDES {
        let fake = FakeAws::start(World::demo());
        let step = side.at(&fake, "http://nowhere.invalid");
        let outcome = step.input("action-timeout-s", "20").run().says("DNS");
        fails(
            outcome,
            &side.code("unreachable"),
            "the name nowhere.invalid has no address",
        );
    }
}

#[test]
fn a_proxy_that_is_not_there_or_does_not_want() {
    for side in SIDES {
        for scheme in ["http", "https"] {
            let fake = FakeAws::start(World::demo());
            let through = |proxy: &str| {
                let url = format!("{scheme}://far.internal.invalid");
                side.at(&fake, &url).input("http-proxy", proxy).run()
            };
            let absent = through("http://127.0.0.1:9");
            fails(
                absent,
                "proxy-unreachable",
                "through the proxy 127.0.0.1:9: ",
            );
            let nowhere = through("http://proxy.invalid:3128");
            fails(
                nowhere,
                "proxy-unreachable",
                "through the proxy proxy.invalid:3128: ",
            );
            let blocked = BrokenServer::start(Broken::Blocked);
            let outcome = through(&blocked.url("http"));
            fails(outcome, "proxy-unreachable", ": none within");
            let silent = BrokenServer::start(Broken::Silent);
            let outcome = through(&silent.url("http"));
            // With https it is asked for a tunnel; with http, for the answer itself.
            let code = if scheme == "https" {
                "proxy-unreachable".to_owned()
            } else {
                side.code("timed-out")
            };
            fails(outcome, &code, "within");
            let strict = fake.proxy_with_password("user", "password");
            let url = strict
                .url()
                .replace("http://", "http://user:wrong-password@");
            let outcome = through(&url).does_not_say("wrong-password");
            fails(
                outcome,
                "proxy-refused",
                "asks for a user name and a password",
            );
            // The connection that is opened ahead may have asked as well.
            let seen = strict.seen();
            assert!(
                seen.len() <= 2 && seen.iter().all(|one| !one.admitted),
                "{seen:?}"
            );
        }
        let fake = FakeAws::start(World::demo());
        let forbids = BrokenServer::start(Broken::Says(
            b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        ));
        let step = side.at(&fake, "https://far.internal.invalid");
        let step = step.input("http-proxy", &forbids.url("http"));
        fails(
            step.run(),
            "proxy-refused",
            "opens no tunnel to far.internal.invalid",
        );
    }
}

#[test]
fn the_connection_alone_has_five_seconds() {
    let fake = FakeAws::start(World::demo());
    let blocked = BrokenServer::start(Broken::Blocked);
    let step = Side::Sts.at(&fake, &blocked.url("https"));
    // Of sixty: what is left would do for other attempts.
    let outcome = step.input("action-timeout-s", "60").run();
    fails(outcome, "sts-unreachable", "none within 5.0 s");
}

#[test]
fn calls_side_by_side_each_tell_how_far_their_own_came() {
    let fake = FakeAws::start_tls(World::fleet(4));
    fake.misbehave("AssumeRoleWithWebIdentity", Misbehaviour::Hang.always());
    let good = Broken::Relays(fake.address());
    // The first is opened ahead, for one of the calls.
    let ways = [good.clone(), Broken::Silent, Broken::Resets, good];
    let front = BrokenServer::start_each(&ways);
    let line = |number| format!("account-{number} = {}\n", World::fleet_role(number));
    let roles: String = (0..4).map(line).collect();
    let failed = Side::Sts
        .at(&fake, &front.url("https"))
        .without("INPUT_ROLE-TO-ASSUME")
        .input("roles", &roles)
        .run()
        .fails("targets-failed", 6);
    assert_eq!(front.connections(), 4);
    for (part, count) in [
        ("took the request and did not answer within", 2),
        ("did not finish the TLS handshake within", 1),
        ("broke the TLS handshake off: ", 1),
    ] {
        let block = failed.log.lines().filter(|line| !line.starts_with("::"));
        let told = block.filter(|line| line.contains(part)).count();
        assert_eq!(told, count, "{part}: {}", failed.log);
    }
}
