//! Computed MFA codes against a library that others wrote: what the binary sends is what `pyotp` says for that time.

use std::process::Command;
use std::time::SystemTime;

use fake_aws::{FakeAws, World};

use super::tools::Tools;
use crate::harness::Step;

/// The code of each half minute that the second argument to the third one touches, for the secret in the first.
const PROGRAM: &str = "
import sys, pyotp
totp = pyotp.TOTP(sys.argv[1])
for step in range(int(sys.argv[2]) // 30, int(sys.argv[3]) // 30 + 1):
    print(totp.at(step * 30))
";

/// Of lengths that end inside a byte, at one, and with padding; the one in the middle is as long as AWS' own.
const SECRETS: [&str; 6] = [
    "GEZDGNBVGY3TQOJQGEZDGNBV",
    "mfrg gzdf mztw q2lk nnwg 23tp ob",
    "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "QWERTYUIOPASDFGHJKLZXCVBNM234567QWERTYUIOPASDFGHJKLZXCVBNM234567",
    "NB2W45DFOIZANB2W45DFOIZANB2W====",
    "ONSWG4TFOQQGC3TEEBZWC3DU7777777",
];

fn seconds() -> u64 {
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
    now.as_secs()
}

#[test]
fn computed_codes_are_those_of_pyotp() {
    let Some(tools) = Tools::find() else { return };
    for (at, secret) in SECRETS.iter().enumerate() {
        let fake = FakeAws::start(World::demo());
        let serial = format!("arn:aws:iam::123456789012:mfa/device-{at}");
        fake.edit(|world| world.users[0].mfa = Some((serial.clone(), (*secret).to_owned())));
        let began = seconds();
        Step::keys(&fake)
            .input("role-to-assume", "arn:aws:iam::123456789012:role/mfa-only")
            .input("mfa-serial", &serial)
            .input("mfa-totp-secret", secret)
            .run()
            .succeeds();
        let request = fake.last("AssumeRole").expect("a request");
        let plain = secret.replace([' ', '='], "").to_uppercase();
        let output = Command::new(tools.path("bin/python"))
            .args([
                "-c",
                PROGRAM,
                &plain,
                &began.to_string(),
                &seconds().to_string(),
            ])
            .output()
            .expect("Python runs");
        let codes = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            codes
                .lines()
                .any(|code| code == request.params["TokenCode"]),
            "{secret}: sent {}, pyotp says {codes}{}",
            request.params["TokenCode"],
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
