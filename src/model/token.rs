//! A web identity token, and how long it is worth presenting.

use std::time::Duration;

use super::{Claims, Secret};

/// A token with less time than this is not sent once more: it would end on its way.
const LEAST_LEFT: Duration = Duration::from_mins(1);

/// A token as a source gave it.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    /// When it is old, since the process started; nothing for a token that nobody here can renew.
    old_at: Option<Duration>,
}

impl Token {
    /// One that was issued just now. Its life is counted by the issuer's own claims and by our stopwatch, so that neither
    /// clock has to be right.
    pub(crate) fn issued_now(secret: Secret, claims: &Claims, elapsed: Duration) -> Self {
        let seconds = |name| claims.get(name)?.parse::<u64>().ok();
        let life = seconds("exp")
            .zip(seconds("iat"))
            .and_then(|(end, begin)| end.checked_sub(begin));
        let old_at =
            life.map(|life| elapsed + Duration::from_secs(life).saturating_sub(LEAST_LEFT));
        Self { secret, old_at }
    }

    /// One that lay there, whatever its age.
    pub(crate) fn found(secret: Secret) -> Self {
        Self {
            secret,
            old_at: None,
        }
    }

    /// Whether a new one is to be asked for before another attempt.
    pub(crate) fn is_old(&self, elapsed: Duration) -> bool {
        self.old_at.is_some_and(|at| elapsed >= at)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn a_token_is_old_a_minute_before_its_end_by_whatever_clock_it_was_issued() {
        for (claims, received, elapsed, old) in [
            (r#"{"iat":1000,"exp":1300}"#, 5, 244, false),
            (r#"{"iat":1000,"exp":1300}"#, 5, 245, true),
            (r#"{"iat":9000000000,"exp":9000000300}"#, 5, 244, false),
            (r#"{"iat":1000,"exp":1030}"#, 5, 5, true),
            (r#"{"iat":1000,"exp":900}"#, 5, 500, false),
            (r#"{"exp":1300}"#, 5, 5000, false),
        ] {
            let secret = Secret::new(format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims)));
            let read = Claims::read(&secret).expect("claims");
            let token = Token::issued_now(secret, &read, Duration::from_secs(received));
            assert_eq!(
                token.is_old(Duration::from_secs(elapsed)),
                old,
                "{claims} {elapsed}"
            );
        }
    }
}
