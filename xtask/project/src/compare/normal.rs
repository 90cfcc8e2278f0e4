//! What differs by nature becomes a word: issued keys, tokens, times, ports and folders.

use fake_aws::FakeAws;

/// The texts to replace, longest first, with the words that stand for them.
pub(crate) struct Normal(Vec<(String, String)>);

impl Normal {
    /// `places` are further texts, such as the folder of the step.
    pub(crate) fn new(fake: &FakeAws, places: &[(String, &str)]) -> Self {
        let mut words: Vec<(String, String)> = places
            .iter()
            .map(|(text, word)| (text.clone(), (*word).to_owned()))
            .collect();
        for session in fake.sessions() {
            // A metadata service names its sessions at random.
            let who = match (&session.role_arn, session.operation.starts_with("Assume")) {
                (Some(role), false) => role.clone(),
                _ => session.arn.clone(),
            };
            words.push((session.access_key_id, format!("<key of {who}>")));
            words.push((session.secret_access_key, format!("<secret of {who}>")));
            words.push((session.session_token, format!("<session token of {who}>")));
            if who != session.arn {
                words.push((session.arn, format!("<session of {who}>")));
            }
        }
        words.push((fake.url(), "<aws>".to_owned()));
        words.push((fake.address().to_string(), "<aws>".to_owned()));
        words.push((fake.container_auth_token(), "<container token>".to_owned()));
        words.retain(|(text, _)| !text.is_empty());
        words.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self(words)
    }

    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in &self.0 {
            text = text.replace(from.as_str(), to);
        }
        words(&text)
    }
}

/// Tokens and times, which have a form of their own.
fn words(text: &str) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let token = rest.starts_with("eyJ").then(|| {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
                .unwrap_or(rest.len())
        });
        if let Some(end) = token.filter(|end| *end > 40) {
            done.push_str("<token>");
            rest = &rest[end..];
        } else if let Some(end) = time(rest) {
            done.push_str("<time>");
            rest = &rest[end..];
        } else {
            done.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    done
}

/// The length of an RFC 3339 time in UTC at the start of the text.
fn time(text: &str) -> Option<usize> {
    let head = text.get(..19)?;
    let fits = head
        .bytes()
        .zip("dddd-dd-ddTdd:dd:dd".bytes())
        .all(|(got, form)| match form {
            b'd' => got.is_ascii_digit(),
            other => got == other,
        });
    let rest = fits.then(|| &text[19..])?;
    let fraction = rest.strip_prefix('.').map_or(0, |digits| {
        1 + digits.bytes().take_while(u8::is_ascii_digit).count()
    });
    rest[fraction..].starts_with('Z').then_some(20 + fraction)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn tokens_and_times_become_words() {
        let token = format!("eyJ{}.eyJ{}.sig", "a".repeat(30), "b".repeat(30));
        assert_eq!(words(&format!("a {token} b")), "a <token> b");
        assert_eq!(words("\"2026-11-24T01:58:14.000Z\""), "\"<time>\"");
        assert_eq!(words("2026-11-24T01:58:14Z"), "<time>");
        assert_eq!(words("2026-11-24"), "2026-11-24");
        assert_eq!(words("eyJ short, ü"), "eyJ short, ü");
    }
}
