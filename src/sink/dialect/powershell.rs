//! PowerShell. Between single quotes only a quote is special, and it is doubled. Typographic quotes are quotes, too.
//! <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>

use super::{Environment, Rendered, statements};

/// What PowerShell's tokenizer takes for a single quote: the last one of a pair is what stays.
const QUOTES: [char; 5] = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];

#[expect(clippy::unnecessary_wraps, reason = "of one shape with its siblings")]
pub(super) fn render(environment: &Environment) -> Rendered {
    Ok(statements(
        environment,
        // An empty text removes a variable in older versions only; nothing removes it in all.
        |name| format!("$env:{name} = $null"),
        |name, value| format!("$env:{name} = '{}'", quoted(value)),
    ))
}

fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        text.push(c);
        if QUOTES.contains(&c) {
            text.push(c);
        }
    }
    text
}
