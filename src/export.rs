//! `rolehop export`: the credentials on standard output, in the words of the program that reads them.

use std::ffi::OsString;

use crate::cli::Options;
use crate::error::{Error, LendFailure};
use crate::frontend::RawInputs;
use crate::host::Host;
use crate::login::lend::{Asked, Lent};
use crate::sink::dialect::Dialect;
use crate::system::System;
use crate::system::console::{data, data_is_seen, data_whole};

/// Never guessed: one call prints one dialect, whatever shell runs it. This one is read by most.
const DEFAULT: Dialect = Dialect::Posix;

pub(crate) fn run(
    system: &System,
    host: Host,
    raw: &RawInputs,
    options: &Options,
) -> Result<(), Error> {
    let dialect = options
        .value("format")
        .map_or(Ok(DEFAULT), Dialect::named)?;
    refuse_terminal(options, dialect)?;
    let lent = Asked::settle(system, host, raw, "export")?.exchange()?;
    let stays = dialect.stays(&system.env);
    if !stays.is_empty() {
        system.console.warning(&format!(
            "{} cannot be taken away in this format, and may win over the credentials: unset it where they are used",
            stays.join(", ")
        ));
    }
    print(system, &lent, dialect)
}

/// Before any request.
pub(crate) fn refuse_terminal(options: &Options, dialect: Dialect) -> Result<(), Error> {
    if data_is_seen() && !options.has("force") {
        let usage = dialect.usage();
        return Err(LendFailure::Terminal { usage }.into());
    }
    Ok(())
}

pub(crate) fn print(system: &System, lent: &Lent, dialect: Dialect) -> Result<(), Error> {
    let text = dialect.render(lent.masked(system), lent.region())?;
    data_whole(text.get()).map_err(Error::HandOver)
}

/// A failure that the evaluating shell notices: the status of `eval "$(…)"` is not that of the command inside.
///
/// It looks at the words themselves, since they may be what could not be understood.
pub(crate) fn tell_the_shell(args: &[OsString]) {
    let words: Vec<&str> = args.iter().filter_map(|word| word.to_str()).collect();
    if words.first() != Some(&"export") || data_is_seen() {
        return;
    }
    let after = words.iter().skip_while(|word| **word != "--format").nth(1);
    let joined = words.iter().find_map(|word| word.strip_prefix("--format="));
    let dialect = joined
        .or(after.copied())
        .map_or(Ok(DEFAULT), Dialect::named);
    if let Some(statement) = dialect.ok().and_then(Dialect::failure) {
        data(statement);
    }
}
