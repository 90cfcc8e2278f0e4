//! GitHub's OIDC token endpoint, and the issuer's public documents.

use serde_json::json;

use crate::answer::Answer;
use crate::route::Arrived;
use crate::state::State;

/// What GitHub uses when no audience is asked for: the repository owner's URL.
const DEFAULT_AUDIENCE: &str = "https://github.com/octo-org";

pub(crate) fn issue(state: &mut State, arrived: &Arrived) -> Answer {
    if arrived.method != "GET" {
        return Answer::json(
            405,
            json!({"message": "The requested resource does not support this method."}),
        );
    }
    if arrived.header("authorization") != Some(&format!("Bearer {}", state.world.bearer)) {
        return Answer::json(
            401,
            json!({"$id": "1", "message": "The token could not be validated.", "errorCode": 0}),
        )
        .header("www-authenticate", "Bearer");
    }
    if !arrived.decodable {
        return Answer::json(
            400,
            json!({"message": "The audience is not valid percent-encoding."}),
        );
    }
    let audience = arrived
        .param("audience")
        .unwrap_or(DEFAULT_AUDIENCE)
        .to_owned();
    let token = token(state, &audience);
    Answer::json(200, json!({"count": token.len(), "value": token}))
}

/// A token as the endpoint gives it: the world's claims for that audience.
pub(crate) fn token(state: &mut State, audience: &str) -> String {
    let mut claims = state.world.claims.clone();
    if let Some(claims) = claims.as_object_mut() {
        claims.entry("aud").or_insert_with(|| json!(audience));
    }
    state.mint(&claims)
}

pub(crate) fn configuration(state: &State) -> Answer {
    Answer::json(
        200,
        json!({
            "issuer": state.world.issuer,
            "jwks_uri": format!("{}/.well-known/jwks", state.url),
            "subject_types_supported": ["public", "pairwise"],
            "response_types_supported": ["id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid"],
        }),
    )
}
