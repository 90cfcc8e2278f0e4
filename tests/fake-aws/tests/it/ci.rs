//! The token endpoints of other CI systems refuse what theirs refuse.

use fake_aws::{FakeAws, World};

use crate::client::send;

fn path(fake: &FakeAws, url: &str) -> String {
    url.strip_prefix(&fake.url()).expect("its own").to_owned()
}

#[test]
fn azure_wants_a_post_with_a_length_and_shows_browsers_a_page() {
    let fake = FakeAws::start(World::demo());
    let path = format!("{}?api-version=7.1", path(&fake, &fake.azure_request_url()));
    let bearer = format!("Bearer {}", fake.oidc_request_token());
    let right = ("authorization", bearer.as_str());
    let kind = ("content-type", "application/json");
    let quiet = ("x-tfs-fedauthredirect", "Suppress");
    let length = ("content-length", "0");
    assert_eq!(send(&fake, "GET", &path, &[right], "").status, 405);
    assert_eq!(send(&fake, "POST", &path, &[kind, length], "").status, 302);
    assert_eq!(
        send(&fake, "POST", &path, &[kind, quiet, length], "").status,
        401
    );
    assert_eq!(send(&fake, "POST", &path, &[right, length], "").status, 415);
    let bare = path.split_once('?').expect("a query").0;
    assert_eq!(
        send(&fake, "POST", bare, &[right, kind, length], "").status,
        400
    );
    let done = send(&fake, "POST", &path, &[right, kind, length], "").json();
    assert!(done["oidcToken"].as_str().is_some_and(|t| t.contains('.')));
}

#[test]
fn codefresh_wants_the_bare_token() {
    let fake = FakeAws::start(World::demo());
    let path = path(&fake, &fake.codefresh_request_url());
    let token = fake.oidc_request_token();
    let bearer = format!("Bearer {token}");
    for (header, status) in [(bearer.as_str(), 401), (token.as_str(), 200)] {
        let reply = send(&fake, "GET", &path, &[("authorization", header)], "");
        assert_eq!(reply.status, status);
    }
}

#[test]
fn google_wants_its_flavour_and_an_audience() {
    let fake = FakeAws::start(World::demo());
    let path = "/computeMetadata/v1/instance/service-accounts/default/identity";
    let flavour = ("metadata-flavor", "Google");
    let full = format!("{path}?audience=a&format=full");
    assert_eq!(send(&fake, "GET", &full, &[], "").status, 403);
    assert_eq!(send(&fake, "GET", path, &[flavour], "").status, 400);
    let done = send(&fake, "GET", &full, &[flavour], "");
    assert_eq!(done.status, 200);
    assert_eq!(done.body.split('.').count(), 3, "the bare token");
}
