//! `racelab play STORE SCENARIO`: the learner is the scheduler.

mod game;
mod line;
mod words;

use std::io::{self, BufRead, IsTerminal, Write};

use lab_explore::{Arena, Stepped, explore};
use lab_scenario::{Scenario, Size};
use lab_sites::Sites;

use crate::commands::play::game::{Game, Stage};
use crate::commands::play::line::{Line, yes_or_no};
use crate::exit::{Exit, UsageError};
use crate::expected::DOES_NOT_APPLY;
use crate::output::Output;
use crate::select::find;

pub(super) fn run(
    store: &str,
    size: Size,
    is_quiz: bool,
    sites: &Sites,
    budget: usize,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let entry = find::<Stepped>(store)?;
    if output.is_json() {
        let why = "play is a conversation; `racelab replay TOKEN --json` gives what it came to";
        output.problem(&anyhow::anyhow!(why));
        return Ok(Exit::Usage);
    }
    if entry.guarantee.promise(size.name).is_none() {
        return Err(UsageError(format!("{store} {size}: {DOES_NOT_APPLY}")).into());
    }
    let site = sites.make(entry.family.needs)?;
    let scenario = Scenario::sized(size);
    let mut arena = Arena::new(entry, &scenario, site.clone());
    output.progress(&format!("exploring {store} {size}"));
    let search = explore(&mut arena, budget)?;
    converse(Game::new(arena, search, is_quiz)?, output)?;
    Ok(Exit::Met)
}

/// Shows where the game stands, hears what comes next, and does it, until it is enough.
fn converse(mut game: Game, output: &mut Output) -> anyhow::Result<()> {
    game.introduce(output)?;
    let mut has_moved = true;
    loop {
        if has_moved {
            game.go_where_one_can(output)?;
            game.show(output)?;
        }
        let Some(text) = ask(&game.question())? else {
            return game.part(output);
        };
        if let (Stage::Quiz, Some(guess)) = (game.stage(), yes_or_no(&text)) {
            game.answer(guess, output)?;
            has_moved = false;
            continue;
        }
        has_moved = match game.letters().read(&text) {
            Line::Go(processes) => game.go(&processes, output)?,
            Line::Undo => game.undo(output)?,
            Line::Quit => return game.part(output),
            other => {
                game.reply(&other, output)?;
                false
            }
        };
    }
}

/// The next line; `None` if there is none. Where nobody types, it is printed as if somebody did.
fn ask(question: &str) -> anyhow::Result<Option<String>> {
    let mut stdout = anstream::stdout();
    write!(stdout, "{question} ")?;
    stdout.flush()?;
    let mut stdin = io::stdin().lock();
    let mut line = Vec::new();
    if stdin.read_until(b'\n', &mut line)? == 0 {
        writeln!(stdout)?;
        return Ok(None);
    }
    let line = String::from_utf8_lossy(&line).trim().to_owned();
    if !io::stdin().is_terminal() {
        writeln!(stdout, "{line}")?;
    }
    Ok(Some(line))
}
