//! What the game says.

use lab_explore::{Move, Next, ReplayError};
use lab_scenario::Judgement;
use lab_witness::Witness;

use crate::commands::play::game::{Game, Stage};
use crate::commands::play::line::Line;
use crate::output::Output;

const HELP: &str = "  \
  A          client A takes the next step; ABBA takes four steps, one after the other
  undo, u    takes back the last step at which there was a choice
  token, t   prints what was played so far
  quit, q    ends, as the end of the input does
A process runs from one visible step to the next: nobody else sees what lies between. Capital
letters are clients, small letters threads of the store. A step that only one can take is taken
without asking.";

impl Game {
    pub(super) fn introduce(&self, output: &mut Output) -> anyhow::Result<()> {
        let scenario = self.arena.scenario();
        output.title(&format!("PLAY  {}  {}", self.arena.entry().name, scenario.script))?;
        output.line(scenario.story)?;
        match self.witness().search {
            Some(search) => output.line(&search.to_string())?,
            None => output.line(&format!("{} schedules explored", self.search.schedules.len()))?,
        }
        if self.is_revealed && !self.search.is_complete {
            output.line("the shares below are of the explored schedules, not of all")?;
        }
        if self.search.cut_by_server > 0 {
            let cut = self.search.cut_by_server;
            output.line(&format!(
                "{cut} more, in which the server chooses who goes on, count in no share"
            ))?;
        }
        output.line("you decide who takes each step; `?` explains")
    }

    /// What the game asks.
    pub(super) fn question(&self) -> String {
        match self.stage() {
            Stage::Turn => format!("who goes ({})?", self.who_can_go()),
            Stage::Quiz => {
                "will every acknowledged change survive, and no rule be broken? (y/n)".to_owned()
            }
            Stage::End => "undo or quit?".to_owned(),
        }
    }

    /// Where the game stands.
    pub(super) fn show(&self, output: &mut Output) -> anyhow::Result<()> {
        let witness = self.witness();
        if self.is_outcome_shown() {
            return self.show_outcome(&witness, output);
        }
        output.line(&format!("\n{}", witness.table()))?;
        for one in self.moves() {
            output.line(&format!("  {}  {}", self.letter(one.process), self.does(one)))?;
        }
        if let Next::Stuck(cut) = &self.position.next {
            output.line(&ReplayError::Cut(cut.clone()).to_string())?;
        }
        Ok(())
    }

    fn is_outcome_shown(&self) -> bool {
        self.stage() == Stage::End && self.position.next == Next::Over
    }

    fn does(&self, one: &Move) -> String {
        let is_client = usize::from(one.process) <= self.arena.scenario().processes.len();
        let own = if is_client { "" } else { " (a thread of the store)" };
        format!("would {}{own}", one.does)
    }

    fn show_outcome(&self, witness: &Witness, output: &mut Output) -> anyhow::Result<()> {
        output.line("")?;
        if let Judgement::Failed(why) = &self.position.run.judgement {
            output.line(&format!("the store failed, in a way that is no anomaly: {why}"))?;
        }
        output.witness(witness)?;
        output.line(&format!("token: {}", self.token()))
    }

    /// The answer to a line that moves nothing.
    pub(super) fn reply(&self, line: &Line, output: &mut Output) -> anyhow::Result<()> {
        match line {
            Line::Help => output.line(HELP),
            Line::Mistake(_) | Line::Empty if self.stage() == Stage::Quiz => {
                output.line("type y or n; `undo` goes back, `quit` ends")
            }
            Line::Mistake(why) => output.line(why),
            Line::Token => self.played(output),
            Line::Empty | Line::Go(_) | Line::Undo | Line::Quit => Ok(()),
        }
    }

    /// The last words. What was not played to its end cannot be replayed, and can be played on.
    pub(super) fn part(&self, output: &mut Output) -> anyhow::Result<()> {
        if self.is_outcome_shown() {
            return Ok(());
        }
        self.played(output)?;
        if self.schedule.is_empty() || self.position.next == Next::Over {
            return Ok(());
        }
        let (store, scenario) = (self.arena.entry().name, &self.arena.scenario().script);
        output.line(&format!("`racelab play {store} {scenario}` goes on from these letters"))
    }

    fn played(&self, output: &mut Output) -> anyhow::Result<()> {
        if self.schedule.is_empty() {
            return output.line("nothing was played so far");
        }
        output.line(&format!("played so far: {}", self.token()))
    }
}
