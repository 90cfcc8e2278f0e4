//! cmd.exe. `set "NAME=value"` keeps blanks and `& | < > ^ ( )`, both in a batch file and in `for /f … do %i`.
//!
//! The two differ in `%`, which is doubled in the first and must not be in the second; `!` depends on a switch; `"` ends the
//! protection; and what is not ASCII depends on the code page. Credentials of AWS have none of these: they are refused.
//! <https://learn.microsoft.com/windows-server/administration/windows-commands/set_1>

use super::{Environment, Refusal, Rendered};

pub(super) fn render(environment: &Environment) -> Rendered {
    let mut lines = Vec::new();
    for name in &environment.unset {
        lines.push(format!("set \"{name}=\""));
    }
    for (name, value) in &environment.set {
        if value.contains(['%', '!', '"']) {
            let why = "it has one of % ! \", which cmd reads in more than one way";
            return Err((name, Refusal::Changed(why)));
        }
        if !value.is_ascii() {
            let why = "it has a character that is not ASCII, which depends on cmd's code page";
            return Err((name, Refusal::Changed(why)));
        }
        lines.push(format!("set \"{name}={value}\""));
    }
    Ok(lines.join("\r\n"))
}
