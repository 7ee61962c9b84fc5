//! The game: what was played so far, what may come next, and what both are called.

use lab_explore::{Arena, Digest, Move, Next, Position, ReplayError, Search, Step, Token, letter};
use lab_scenario::Judgement;
use lab_witness::{Share, Witness};

use crate::commands::play::line::Letters;
use crate::output::Output;

/// A schedule that a person makes.
pub(super) struct Game {
    pub(super) arena: Arena,
    pub(super) search: Search,
    pub(super) schedule: Vec<u8>,
    pub(super) position: Position,
    is_quiz: bool,
    /// Whether the outcome of the schedule may be seen.
    pub(super) is_revealed: bool,
}

/// What the game waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Who takes the next step.
    Turn,
    /// What the schedule will turn out to have come to.
    Quiz,
    /// Nothing: there is no next step.
    End,
}

impl Game {
    /// A game that has not begun. `search` is all that is known of how it may end.
    pub(super) fn new(
        mut arena: Arena,
        search: Search,
        is_quiz: bool,
    ) -> Result<Self, ReplayError> {
        let position = Position::after(&mut arena, &[])?;
        let is_revealed = !is_quiz;
        Ok(Self { arena, search, schedule: Vec::new(), position, is_quiz, is_revealed })
    }

    pub(super) fn stage(&self) -> Stage {
        let is_judged = !matches!(self.position.run.judgement, Judgement::Failed(_));
        match self.position.next {
            Next::Choice(_) => Stage::Turn,
            Next::Over if !self.is_revealed && is_judged => Stage::Quiz,
            Next::Over | Next::Stuck(_) => Stage::End,
        }
    }

    pub(super) fn letters(&self) -> Letters {
        let clients = self.arena.scenario().processes.len();
        let of_schedules = self.search.schedules.iter().flat_map(|one| &one.schedule);
        let of_moves = self.moves().iter().map(|one| &one.process);
        let last = of_schedules.chain(of_moves).copied().max().map_or(0, usize::from);
        Letters { clients, processes: last.max(clients) }
    }

    pub(super) fn letter(&self, process: u8) -> char {
        letter(process.into(), self.arena.scenario().processes.len())
    }

    pub(super) fn moves(&self) -> &[Move] {
        match &self.position.next {
            Next::Choice(moves) => moves,
            Next::Over | Next::Stuck(_) => &[],
        }
    }

    /// Who can go, as in `A, B`.
    pub(super) fn who_can_go(&self) -> String {
        let letters: Vec<String> =
            self.moves().iter().map(|one| self.letter(one.process).to_string()).collect();
        letters.join(", ")
    }

    fn share(&self) -> Share {
        let (part, of) = self.search.share(&self.schedule);
        Share { part, of }
    }

    pub(super) fn token(&self) -> Token {
        Token {
            store: self.arena.entry().name.to_owned(),
            scenario: self.arena.scenario().script.clone(),
            schedule: self.schedule.clone(),
            digest: (self.stage() == Stage::End)
                .then(|| Digest::of(&self.arena, &self.position.run)),
        }
    }

    /// The steps so far, as much of them as may be seen.
    pub(super) fn witness(&self) -> Witness {
        let mut witness = self.position.witness(&self.arena, &self.search);
        if !self.is_revealed && self.stage() != Stage::End {
            witness.search = None;
            for row in &mut witness.rows {
                (row.still_lose, row.stored, row.is_point_of_no_return) = (None, None, false);
            }
        }
        witness
    }
}

/// What the game does.
impl Game {
    /// Takes the steps one after the other, up to one that cannot be taken; whether any was.
    pub(super) fn go(&mut self, processes: &[u8], output: &mut Output) -> anyhow::Result<bool> {
        for (at, process) in processes.iter().enumerate() {
            if let Some(why) = self.why_not(*process) {
                let left: String = processes[at..].iter().map(|one| self.letter(*one)).collect();
                output.line(&format!("{why}; left out: {left}"))?;
                return Ok(at > 0);
            }
            self.step(*process, "", output)?;
        }
        Ok(true)
    }

    fn why_not(&self, process: u8) -> Option<String> {
        if self.moves().iter().any(|one| one.process == process) {
            return None;
        }
        let letter = self.letter(process);
        Some(match self.stage() {
            Stage::Turn => format!(
                "{letter} cannot go now, it waits or has ended; who can: {}",
                self.who_can_go()
            ),
            Stage::Quiz | Stage::End => format!("there is no step left for {letter}"),
        })
    }

    /// Takes every step that only one process can take.
    pub(super) fn go_where_one_can(&mut self, output: &mut Output) -> anyhow::Result<()> {
        while let [only] = self.moves() {
            let process = only.process;
            self.step(process, ", the only one who can", output)?;
        }
        Ok(())
    }

    fn step(&mut self, process: u8, note: &str, output: &mut Output) -> anyhow::Result<()> {
        let before = self.share();
        self.schedule.push(process);
        self.position = Position::after(&mut self.arena, &self.schedule)?;
        let mut line = format!("step {}: {}{note}", self.schedule.len(), self.letter(process));
        if self.is_revealed && !matches!(self.position.next, Next::Stuck(_)) {
            line.push_str(&self.came_of(before, self.share()));
        }
        output.line(&line)
    }

    /// What a step did to the share of the schedules that lose.
    fn came_of(&self, before: Share, now: Share) -> String {
        if now.of == 0 {
            return "; no schedule that begins like this was explored".to_owned();
        }
        let sure = if self.search.is_complete { "" } else { " as far as explored" };
        let share = format!("; schedules that still lose: {before} before, {now} now");
        match (before.part, now.part) {
            (part, now_part) if now_part == now.of && part < before.of => {
                format!("{share}\npoint of no return{sure}: all that begin like this lose")
            }
            (1.., 0) => format!("{share}\nout of danger{sure}: none that begins like this loses"),
            _ => share,
        }
    }

    /// Takes back the last step at which there was a choice, and what came after it.
    pub(super) fn undo(&mut self, output: &mut Output) -> anyhow::Result<bool> {
        let is_choice = |step: &Step| step.enabled.count_ones() > 1;
        let Some(choice) = self.position.run.steps.iter().rposition(is_choice) else {
            output.line("there is no choice to take back")?;
            return Ok(false);
        };
        self.schedule.truncate(choice);
        self.position = Position::after(&mut self.arena, &self.schedule)?;
        self.is_revealed = !self.is_quiz;
        output.line(&format!("back before step {}", choice + 1))?;
        Ok(true)
    }

    /// Holds the guess against what the schedule came to, and shows that.
    pub(super) fn answer(&mut self, all_well: bool, output: &mut Output) -> anyhow::Result<()> {
        self.is_revealed = true;
        let witness = self.witness();
        let word = if all_well == witness.anomaly.is_none() { "right" } else { "wrong" };
        output.line(&format!("{word}: {}", witness.consequence))?;
        if let Some(cause) = &witness.cause {
            output.line(&format!("because {cause}"))?;
        }
        self.show(output)
    }
}
