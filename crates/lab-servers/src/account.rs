//! As whom a server runs: Postgres refuses root.

use std::process::Command;

use crate::ServerError;

/// A user of this machine and its group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

/// The account to change to: none, unless we are root.
pub(crate) fn to_change_to() -> Result<Option<Account>, ServerError> {
    if id(&["-u"]) != Some(0) {
        return Ok(None);
    }
    match ["postgres", "nobody"].into_iter().find_map(of) {
        Some(account) => Ok(Some(account)),
        None => Err(ServerError::failed(
            "postgres does not run as root",
            "there is neither a user `postgres` nor a user `nobody` to run it as",
        )),
    }
}

fn of(name: &str) -> Option<Account> {
    Some(Account { user: id(&["-u", name])?, group: id(&["-g", name])? })
}

/// `id` knows the users of the machine's directory service, which /etc/passwd does not. It is there
/// also where PATH does not lead to it.
fn id(arguments: &[&str]) -> Option<u32> {
    let ask = |program| Command::new(program).args(arguments).output();
    let output = ask("id").or_else(|_| ask("/usr/bin/id")).ok()?;
    str::from_utf8(&output.stdout).ok()?.trim().parse().ok()
}
