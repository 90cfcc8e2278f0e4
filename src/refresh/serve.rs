//! `rolehop serve`: the endpoint for a person in a shell, for a step's later ones, and for the command of `rolehop exec`.

use std::io::BufRead as _;

use super::Server;
use super::renewal::Renewal;
use super::seat::Seat;
use super::start::{KEEP, Order, Orders, bearer};
use crate::error::Error;
use crate::frontend::{self, RawInputs};
use crate::host::Host;
use crate::login::lend::Asked;
use crate::model::Region;
use crate::sink::environment::RIVALS;
use crate::sink::journal::{KEYS, REGION};
use crate::sink::mask;
use crate::sink::refresh::{Endpoint, Folder, Held, Promise};
use crate::system::System;
use crate::system::child::Child;
use crate::system::console::data;
use crate::system::detached::{self, Identity};
use crate::system::signals;

/// For a person: prints what to export, and goes on until Ctrl-C.
pub(crate) fn run(system: &System, host: Host, raw: RawInputs) -> Result<(), Error> {
    let endpoint = Private::open(system, host, raw, "serve")?;
    for name in Private::unset() {
        data(&format!("unset {name}"));
    }
    for (name, value) in endpoint.variables() {
        data(&format!("export {name}='{}'", value.replace('\'', r"'\''")));
    }
    system.console.info(
        "the endpoint renews until it is ended with Ctrl-C; programs find it by the variables above",
    );
    let server = &endpoint.server;
    signals::wait(|| server.is_to_end())
}

/// For `rolehop exec`: the endpoint lives as long as the command, and is seen by it alone.
pub(crate) fn exec(system: &System, host: Host, raw: RawInputs, child: Child) -> Result<u8, Error> {
    let endpoint = Private::open(system, host, raw, "exec")?;
    let ours = frontend::secret_variables(&system.env);
    let mut unset: Vec<&str> = Private::unset().collect();
    unset.extend(ours.iter().map(String::as_str));
    child.attend(&unset, &endpoint.variables())
}

/// An endpoint inside this process, with the folder that has its bearer.
struct Private {
    server: Server,
    folder: Folder,
    region: Region,
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = self.folder.remove();
    }
}

impl Private {
    fn open(
        system: &System,
        host: Host,
        raw: RawInputs,
        command: &'static str,
    ) -> Result<Self, Error> {
        let raw = raw.with("refresh", "server");
        let asked = Asked::settle(system, host, &raw, command)?;
        let lent = asked.exchange()?;
        let region = lent.region().clone();
        let _hidden = lent.masked(system);
        let (session, role) = lent.into_session();
        let held = Held::new(session, role, system.clock.now());
        let folder = Folder::name(&system.env, &host.job(&system.env))?;
        folder.make()?;
        let bearer = bearer()?;
        let masked = mask::texts(system, host, &[bearer.reveal()], &bearer);
        let made = folder.write_bearer(&masked).and_then(|()| {
            let target = (Renewal::of_settings(host, raw), Seat::new(None, held));
            Server::start(system, bearer.clone(), vec![target])
        });
        // For a guard inside the command.
        let made = made.and_then(|server| {
            folder.write_endpoint(&Endpoint {
                port: server.port,
                process: Identity::own(),
            })?;
            folder.write_promise(&Promise::new(&super::own_program()?, None, false))?;
            Ok(server)
        });
        match made {
            Ok(server) => Ok(Self {
                server,
                folder,
                region,
            }),
            Err(error) => {
                let _ = folder.remove();
                Err(error)
            }
        }
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let endpoint = Endpoint {
            port: self.server.port,
            process: Identity::own(),
        };
        let mut set: Vec<(&'static str, String)> = REGION
            .iter()
            .map(|name| (*name, self.region.as_str().to_owned()))
            .collect();
        set.push(("AWS_CONTAINER_CREDENTIALS_FULL_URI", endpoint.url()));
        set.push((
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            self.folder.bearer().display().to_string(),
        ));
        set
    }

    /// Everything that would win over the endpoint.
    fn unset() -> impl Iterator<Item = &'static str> {
        KEYS.into_iter()
            .chain(["AWS_CREDENTIAL_EXPIRATION"])
            .chain(RIVALS)
    }
}

/// `rolehop serve --from -`: started by a step for those after it. Its orders come through standard input.
pub(crate) fn detached(system: &System) -> Result<(), Error> {
    detached::leave_session();
    let mut input = std::io::stdin().lock();
    let mut line = zeroize::Zeroizing::new(String::new());
    let lost = |_| Error::Usage("`--from -` is for rolehop's own use".to_owned());
    input.read_line(&mut line).map_err(lost)?;
    let orders: Orders = serde_json::from_str(&line)
        .map_err(|_| Error::Usage("`--from -` is for rolehop's own use".to_owned()))?;
    let folder = Folder::at(orders.folder);
    folder.check().map_err(Error::HandOver)?;
    let target = |order: Order| {
        let held = Held::read(&zeroize::Zeroizing::new(order.held))?;
        let renewal = Renewal::of_plan(system, order.plan);
        Some((renewal, Seat::new(order.name, held)))
    };
    let targets = orders.targets.into_iter().map(target);
    let (Some(targets), Some(bearer)) = (targets.collect::<Option<Vec<_>>>(), folder.read_bearer())
    else {
        return Err(Error::Internal("the orders have no session".to_owned()));
    };
    let server = Server::start(system, bearer, targets)?;
    folder.write_endpoint(&Endpoint {
        port: server.port,
        process: Identity::own(),
    })?;
    let mut word = String::new();
    let kept = input.read_line(&mut word).is_ok() && word.trim() == KEEP;
    let outcome = if kept {
        // The runner empties its temporary folder at the job's end; what is not there any more serves nobody.
        signals::wait(|| server.is_to_end() || !folder.exists())
    } else {
        Ok(())
    };
    let _ = folder.remove();
    outcome
}
