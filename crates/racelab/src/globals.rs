//! Options that stand before or behind every command, for the commands that do not use them.
//!
//! clap hands a global option to each command. Whoever does not use it would list it in its help
//! and take it without a word; here it is hidden from that help, and refused.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

const BUDGET: &str = "budget";
const DIR: &str = "dir";
const TRIALS: &str = "trials";

/// What these commands do not use.
const UNUSED: [(&str, &[&str]); 14] = [
    ("list", &[BUDGET, DIR, TRIALS]),
    ("race", &[TRIALS]),
    ("mutate", &[TRIALS]),
    ("replay", &[TRIALS]),
    ("play", &[TRIALS]),
    ("likely", &[BUDGET]),
    ("check", &[BUDGET, DIR, TRIALS]),
    ("bench", &[BUDGET, TRIALS]),
    ("compare", &[BUDGET, DIR, TRIALS]),
    ("stress", &[BUDGET, TRIALS]),
    ("report", &[BUDGET, DIR, TRIALS]),
    ("doctor", &[BUDGET, TRIALS]),
    ("completions", &[BUDGET, DIR, TRIALS]),
    ("help", &[]),
];

/// Hides from the help of each command of `cli` what it does not use.
pub(crate) fn hidden(cli: Command) -> Command {
    let hide = |cli: Command, (name, unused): &(&'static str, &[&'static str])| {
        let options: Vec<Arg> = unused.iter().filter_map(|option| find(&cli, option)).collect();
        if options.is_empty() {
            return cli;
        }
        // A command's own option takes the place of the global one of that name.
        cli.mut_subcommand(name, |command| command.args(options))
    };
    UNUSED.iter().fold(cli, hide)
}

fn find(cli: &Command, option: &str) -> Option<Arg> {
    let found = cli.get_arguments().find(|argument| argument.get_id() == option);
    found.map(|argument| argument.clone().hide(true))
}

/// Whether a command was given what it does not use, as clap says that.
pub(crate) fn refused(cli: &mut Command, matches: &ArgMatches) -> Option<clap::Error> {
    let (name, own) = matches.subcommand()?;
    let (_, unused) = UNUSED.iter().find(|(command, _)| *command == name)?;
    let is_given = |of: &ArgMatches, option: &str| {
        of.try_contains_id(option).unwrap_or(false)
            && of.value_source(option) == Some(ValueSource::CommandLine)
    };
    let given = |option: &&&str| is_given(matches, option) || is_given(own, option);
    let option = unused.iter().find(given)?;
    let what = format!("`racelab {name}` does not use --{option}; leave it out");
    Some(cli.error(ErrorKind::ArgumentConflict, what))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_command_that_is_shown_says_what_it_does_not_use() {
        let cli = Cli::command();
        let shown = cli.get_subcommands().filter(|command| !command.is_hide_set());
        for command in shown {
            assert!(UNUSED.iter().any(|(name, _)| *name == command.get_name()), "{command}");
        }
    }

    #[test]
    fn help_lists_an_option_exactly_where_it_is_used() {
        let mut cli = hidden(Cli::command());
        cli.build();
        for (name, unused) in UNUSED {
            let Some(command) = cli.find_subcommand_mut(name).filter(|_| name != "help") else {
                continue;
            };
            let help = command.render_long_help().to_string();
            for option in [BUDGET, DIR, TRIALS] {
                let is_listed = help.contains(&format!("--{option} "));
                assert_eq!(is_listed, !unused.contains(&option), "{name} --{option}: {help}");
            }
        }
    }

    #[test]
    fn what_a_command_does_not_use_is_refused_wherever_it_stands() {
        for (line, is_refused) in [
            ("racelab check --budget 5 h", true),
            ("racelab --budget 5 check h", true),
            ("racelab check h", false),
            ("racelab --dir /tmp stress memory/mutex", false),
            ("racelab race memory/mutex --budget 5", false),
            ("racelab --budget 5 race memory/mutex", false),
        ] {
            let mut cli = hidden(Cli::command());
            let matches = cli.clone().try_get_matches_from(line.split(' ')).unwrap();
            assert_eq!(refused(&mut cli, &matches).is_some(), is_refused, "{line}");
            assert!(Cli::try_parse_from(line.split(' ')).is_ok());
        }
    }
}
