//! URLs of Postgres servers, as text.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The URL of a server whose socket is in `folder`: `host` in the query overrides `localhost`, for
/// libpq as well as for sqlx.
pub(crate) fn of_socket(folder: &Path) -> String {
    let mut url = "postgres://postgres@localhost/postgres?host=".to_owned();
    for byte in folder.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                url.push(char::from(*byte));
            }
            // Writing to a string does not fail.
            _ => drop(write!(url, "%{byte:02X}")),
        }
    }
    url
}

/// The URL without the password, for eyes and logs. What stands before the last `@` is taken for
/// the user and the password, so that a password with a `/` or a `?` in it does not show either.
pub(crate) fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (user, place) = match rest.rsplit_once('@') {
        Some((user, place)) => (user.split(':').next(), place),
        None => (None, rest),
    };
    let (place, query) = place.split_once('?').unwrap_or((place, ""));
    let query = query.split('&').filter(|pair| !pair.starts_with("password="));
    let query = query.collect::<Vec<_>>().join("&");
    let (at, mark) = (user.map_or("", |_| "@"), if query.is_empty() { "" } else { "?" });
    format!("{scheme}://{}{at}{place}{mark}{query}", user.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_shown_in_no_part_of_the_url() {
        let shown = without_password("postgres://ann:p@ss:w0rd@db:5433/lab?sslmode=disable");
        assert_eq!(shown, "postgres://ann@db:5433/lab?sslmode=disable");
        let shown = without_password("postgres://db/lab?user=ann&password=secret");
        assert_eq!(shown, "postgres://db/lab?user=ann");
        let shown = without_password("postgres://ann:wh?t/ever@db/lab");
        assert_eq!(shown, "postgres://ann@db/lab");
        assert_eq!(without_password("postgres://db/lab"), "postgres://db/lab");
    }

    #[test]
    fn a_folder_with_odd_characters_survives_in_the_url() {
        let url = of_socket(Path::new("/tmp/a b&c%"));
        assert_eq!(url, "postgres://postgres@localhost/postgres?host=/tmp/a%20b%26c%25");
    }
}
