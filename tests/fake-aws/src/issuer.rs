//! The OIDC issuer's key: signs tokens, and is what STS verifies them against.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{self, RsaParameters};
use serde_json::{Value, json};

/// A test key: it is in the repository, so it protects nothing.
const PEM: &str = include_str!("../keys/issuer-test-key.pem");

pub(crate) const KEY_ID: &str = "fake-aws-test-key-1";

/// The key pair, shared by all issuers of one fake.
#[derive(Debug)]
pub(crate) struct Issuer {
    pair: KeyPair,
}

impl Issuer {
    #[expect(
        clippy::expect_used,
        reason = "the key is compiled in; a test signs with it"
    )]
    pub(crate) fn new() -> Self {
        let body: String = PEM
            .lines()
            .skip_while(|l| !l.starts_with("-----BEGIN"))
            .skip(1)
            .take_while(|l| !l.starts_with("-----END"))
            .collect();
        let der = STANDARD.decode(body).expect("the embedded key is PEM");
        Self {
            pair: KeyPair::from_pkcs8(&der).expect("the embedded key is an RSA key in PKCS#8"),
        }
    }

    /// An RS256 JWT of those claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header =
            json!({"typ": "JWT", "alg": "RS256", "x5t": "ZmFrZS1hd3MtdGVzdA", "kid": KEY_ID});
        let encode = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        // It fails only for a buffer of another length than the modulus.
        let _ = self.pair.sign(
            &signature::RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            signed.as_bytes(),
            &mut signature,
        );
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub(crate) fn verify(&self, algorithm: &RsaParameters, signed: &str, signature: &[u8]) -> bool {
        let key = PublicKeyComponents::<Vec<u8>>::from(self.pair.public());
        key.verify(algorithm, signed.as_bytes(), signature).is_ok()
    }

    /// The key set, as `/.well-known/jwks` gives it.
    pub(crate) fn jwks(&self) -> Value {
        let key = PublicKeyComponents::<Vec<u8>>::from(self.pair.public());
        let (n, e) = (URL_SAFE_NO_PAD.encode(key.n), URL_SAFE_NO_PAD.encode(key.e));
        json!({"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID, "n": n, "e": e}]})
    }
}
