//! A person at a terminal: the program's standard input and error are a pseudoterminal, its output a pipe.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::step::HANG;

/// Runs a program to its end. Whatever ends with a colon and a blank is a question.
pub(super) fn execute(
    binary: &Path,
    words: &[&str],
    env: &BTreeMap<String, String>,
    answer: impl Fn(usize) -> String + Send + 'static,
) -> Output {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudoterminal");
    grantpt(&person).expect("granted");
    unlockpt(&person).expect("unlocked");
    let name = ptsname(&person, Vec::new()).expect("its name");
    let name = name.into_string().expect("a path");
    let open = || OpenOptions::new().read(true).write(true).open(&name);
    let child = Command::new(binary)
        .args(words)
        .env_clear()
        .envs(env)
        .stdin(Stdio::from(open().expect("a terminal")))
        .stderr(Stdio::from(open().expect("a terminal")))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let id = child.id();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let seen = talk(File::from(person), answer);
        let output = child.wait_with_output().map(|output| Output {
            stderr: seen.into_bytes(),
            ..output
        });
        sender.send(output)
    });
    if let Ok(output) = receiver.recv_timeout(HANG) {
        output.expect("the output is read")
    } else {
        let _ = Command::new("kill").arg("-9").arg(id.to_string()).status();
        panic!("no end after {HANG:?}");
    }
}

/// Reads until the program has closed its side, and answers.
fn talk(mut person: File, answer: impl Fn(usize) -> String) -> String {
    let (mut seen, mut part, mut questions) = (String::new(), [0_u8; 1024], 0);
    // Linux says EIO when the other side is closed, others the end of the file.
    while let Ok(count @ 1..) = person.read(&mut part) {
        seen += &String::from_utf8_lossy(&part[..count]).replace('\r', "");
        if seen.ends_with(": ") {
            let line = format!("{}\n", answer(questions));
            person.write_all(line.as_bytes()).expect("typed");
            questions += 1;
        }
    }
    seen
}
