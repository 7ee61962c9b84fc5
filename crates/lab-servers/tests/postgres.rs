//! A private Postgres starts, answers, and is gone without a trace however its owner goes.

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs;
    use std::io::{BufRead, BufReader, Write};
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use lab_servers::{Origin, PostgresServer, Prerequisite, postgres_alone};

    /// Set in a copy of this test binary that plays a part in a test.
    const PART: &str = "RACELAB_TEST_PART";

    /// A private server, unless Postgres is missing and may be.
    fn started() -> Option<PostgresServer> {
        match PostgresServer::start() {
            Ok(server) => Some(server),
            Err(reason) => {
                let said = Prerequisite::Postgres.not_run(reason).unwrap();
                // Past the capture of the test harness: what did not run must be seen.
                std::io::stderr().write_all(format!("{said}\n").as_bytes()).unwrap();
                None
            }
        }
    }

    #[test]
    fn whoever_is_alone_shares_a_server_with_nobody_and_leaves_it_to_the_next() {
        if started().is_none() || env::var_os("RACELAB_POSTGRES_URL").is_some() {
            return;
        }
        let [one, other] = [(), ()].map(|()| postgres_alone().unwrap());
        assert_ne!(one.url(), other.url());
        let left = one.url().to_owned();
        drop(one);
        assert_eq!(postgres_alone().unwrap().url(), left);
        assert_eq!(select_one(&left).as_deref(), Some("1\n"));
    }

    fn folder_of(url: &str) -> PathBuf {
        PathBuf::from(url.split_once("host=").unwrap().1)
    }

    /// The process of the server whose folder this is.
    fn process_of(folder: &Path) -> PathBuf {
        let lock = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
        Path::new("/proc").join(lock.lines().next().unwrap())
    }

    fn select_one(url: &str) -> Option<String> {
        let output = Command::new("psql").args([url, "-Atc", "SELECT 1"]).output().ok()?;
        Some(String::from_utf8(output.stdout).unwrap())
    }

    /// A copy of this binary that runs only the part of `name`.
    fn part(name: &str) -> Command {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", &format!("tests::{name}"), "--nocapture"]).env(PART, name);
        command
    }

    fn plays(name: &str) -> bool {
        env::var(PART).is_ok_and(|part| part == name)
    }

    /// Looks again and again, for as long as a machine under load may need.
    fn becomes_true(mut condition: impl FnMut() -> bool) -> bool {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !condition() {
            if Instant::now() > deadline {
                return false;
            }
            thread::yield_now();
        }
        true
    }

    #[test]
    fn a_private_server_answers_and_leaves_nothing_behind() {
        let Some(server) = started() else { return };
        let url = server.url().to_owned();
        let folder = folder_of(&url);
        let process = process_of(&folder);
        assert_eq!(server.origin(), Origin::Private);
        assert!(server.version().is_some());
        assert!(folder.exists());
        if let Some(answer) = select_one(&url) {
            assert_eq!(answer, "1\n");
        }
        drop(server);
        assert!(!folder.exists(), "{} is still there", folder.display());
        assert!(!process.exists(), "{} is still there", process.display());
    }

    #[test]
    fn a_server_goes_away_and_comes_back_under_its_url() {
        let Some(mut server) = started() else { return };
        server.stop().unwrap();
        assert_ne!(select_one(server.url()).unwrap_or_default(), "1\n");
        server.resume().unwrap();
        if let Some(answer) = select_one(server.url()) {
            assert_eq!(answer, "1\n");
        }
    }

    #[test]
    fn a_panic_leaves_nothing_behind() {
        let Some(server) = started() else { return };
        let folder = folder_of(server.url());
        let result = thread::spawn(move || {
            let _server = server;
            std::panic::resume_unwind(Box::new("on purpose"));
        })
        .join();
        assert!(result.is_err());
        assert!(!folder.exists(), "{} is still there", folder.display());
    }

    #[test]
    #[expect(clippy::print_stdout, reason = "it talks to the test that started it")]
    fn part_that_starts_a_server_and_waits_to_be_killed() {
        if plays("part_that_starts_a_server_and_waits_to_be_killed") {
            let server = PostgresServer::start().unwrap();
            println!("\nurl {}", server.url());
            std::io::stdout().flush().unwrap();
            std::io::stdin().read_line(&mut String::new()).unwrap();
        }
    }

    #[test]
    fn kill_minus_nine_leaves_nothing_behind() {
        if started().is_none() {
            return;
        }
        let mut owner = part("part_that_starts_a_server_and_waits_to_be_killed")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
        let url = lines.find_map(|line| Some(line.unwrap().strip_prefix("url ")?.to_owned()));
        let folder = folder_of(&url.unwrap());
        let process = process_of(&folder);
        owner.kill().unwrap();
        owner.wait().unwrap();
        assert!(becomes_true(|| !folder.exists()), "{} is still there", folder.display());
        assert!(becomes_true(|| !process.exists()), "{} is still there", process.display());
    }

    #[test]
    #[expect(clippy::print_stdout, reason = "it talks to the test that started it")]
    fn part_that_says_why_there_is_no_server() {
        if plays("part_that_says_why_there_is_no_server") {
            println!("\n{}", lab_servers::postgres().unwrap_err());
        }
    }

    /// What `lab_servers::postgres` says in a process with one more variable.
    fn reason_with(variable: &str, value: &str) -> String {
        let mut command = part("part_that_says_why_there_is_no_server");
        let command = command.env_remove("RACELAB_POSTGRES_URL").env(variable, value);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    #[test]
    fn a_missing_server_gives_the_reason() {
        let reason = reason_with("RACELAB_POSTGRES_BIN", "/nonexistent");
        let expected = "RACELAB_POSTGRES_BIN cannot be followed: \
                        no `initdb` and `postgres` that run are in /nonexistent\n";
        assert!(reason.contains(expected), "{reason}");
        let reason = reason_with("RACELAB_POSTGRES_URL", "mysql://db");
        assert!(reason.contains("RACELAB_POSTGRES_URL cannot be followed"), "{reason}");
    }
}
