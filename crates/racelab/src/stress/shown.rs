//! What came of a stress, as a person reads it.

use std::fmt;

use super::client::FAILURES_IN_A_ROW_MAX;
use super::expected::Standing;
use super::outcome::{Age, Found, Outcome, Step, Unit, Verdict};

impl Outcome {
    /// The word that says most: the first anomaly's name, or that there is none.
    pub fn word(&self) -> String {
        match (self.verdict, self.anomalies.first()) {
            (Verdict::NotSeen, _) => "NOT SEEN".to_owned(),
            (Verdict::Unknown, _) => "UNKNOWN".to_owned(),
            (Verdict::Witnessed, Some(found)) => found.anomaly.as_str().to_uppercase(),
            (Verdict::Witnessed, None) => "LOST".to_owned(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}  {}  {}    {}", self.word(), self.store, self.workload, self.mix)?;
        let crew = match self.processes {
            1 => format!("{} clients in one process", self.clients),
            processes => format!("{} clients in {processes} processes", self.clients),
        };
        let (operations, elapsed_s) = (grouped(self.operations), self.elapsed_s);
        writeln!(
            f,
            "  run       {crew}, {elapsed_s:.1} s, {operations} operations, checked by versions"
        )?;
        if let Some(why) = &self.ended_early {
            writeln!(f, "  ended     {why}")?;
        }
        match self.anomalies.is_empty() {
            true => writeln!(f, "  verdict   {}", self.bound())?,
            false => writeln!(f, "  found     {}", list(&self.anomalies))?,
        }
        self.left_open.iter().try_for_each(|open| writeln!(f, "  open      {open}"))?;
        if let Some(age) = self.oldest {
            writeln!(f, "  oldest    reads were up to {} old", shown_age(age, self.places))?;
        }
        let (acknowledged, survived) =
            (grouped(self.acknowledged), grouped(self.acknowledged - self.lost));
        let lies = self.lies_per_1000;
        let (most, least) = match self.is_lost_bounded() {
            true => ("at most ", "at least "),
            false => ("", ""),
        };
        writeln!(f, "  survived  {most}{survived} of {acknowledged} acknowledged changes")?;
        writeln!(f, "  lies      {least}{lies:.1} for each 1,000 acknowledgements")?;
        self.fmt_unjudged(f)?;
        writeln!(f, "  goodput   {:.0} changes a second that survived", self.survived_per_s)?;
        if !self.is_readable {
            writeln!(f, "  end       the store cannot be read any more")?;
        }
        self.fmt_failures(f)?;
        self.anomalies.iter().try_for_each(|found| fmt_proof(found, self.places, f))?;
        write!(f, "  again     {}", self.command())
    }
}

impl Outcome {
    fn bound(&self) -> String {
        match self.verdict {
            Verdict::Unknown => "nothing can be said: every client gave up".to_owned(),
            _ => "no anomaly; other runs may meet one".to_owned(),
        }
    }

    /// Whether more may be lost than is known.
    fn is_lost_bounded(&self) -> bool {
        self.unjudged_tasks > 0 || self.unknown > 0
    }

    fn fmt_unjudged(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks = match self.unjudged_tasks {
            0 => return Ok(()),
            1 => "1 deleted task".to_owned(),
            count => format!("{} deleted tasks", grouped(count)),
        };
        writeln!(f, "            {tasks} may have lost more: nobody saw which change stayed")
    }

    fn fmt_failures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failures = &self.failures;
        if failures.count > 0 {
            let first = failures.first_other.as_ref().or(failures.first_torn.as_ref());
            let first = first.map_or("", String::as_str);
            writeln!(f, "  errors    {}, the first: {first}", grouped(failures.count))?;
        }
        if failures.torn_again > 0 {
            let again = grouped(failures.torn_again);
            writeln!(f, "            {again} of them met again a damage that is counted once")?;
        }
        if failures.gave_up > 0 {
            let count = failures.gave_up;
            let in_a_row = grouped(FAILURES_IN_A_ROW_MAX.into());
            writeln!(f, "  gave up   {count} clients, after {in_a_row} errors in a row")?;
        }
        Ok(())
    }

    fn command(&self) -> String {
        let Self { store, workload, clients, processes, seed, .. } = self;
        let mut command =
            format!("racelab stress {store} --workload {workload} --clients {clients}");
        if *processes > 1 {
            command += &format!(" --processes {processes}");
        }
        command + &format!(" --seed {seed}")
    }
}

fn fmt_proof(found: &Found, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "  {}: {}", found.anomaly, found.sentence)?;
    let shown = |step: &Step| format!("{step}    {}", shown_interval(step, unit));
    found.steps.iter().try_for_each(|step| writeln!(f, "    {}", shown(step)))?;
    let mut overwritten = found.overwritten.iter();
    overwritten.try_for_each(|step| writeln!(f, "    overwritten: {}", shown(step)))?;
    if let Some(age) = found.age {
        writeln!(f, "    what was read was at least {} old", shown_age(age, unit))?;
    }
    for (first, second) in &found.orders {
        let [first, second] = [&found.steps[*first], &found.steps[*second]];
        let [one, other] =
            [first, second].map(|it| format!("client {}'s {}", it.client, it.function));
        writeln!(f, "    {one} had ended before {other} began")?;
    }
    if !found.core_is_minimal {
        writeln!(f, "    not these alone, but the whole run shows it")?;
    }
    Ok(())
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, function, task, .. } = self;
        match *function {
            "list" => write!(f, "client {client}  list, {task} tasks")?,
            _ => write!(f, "client {client}  {function} task {task}")?,
        }
        if let Some(version) = self.based_on {
            write!(f, ", based on v{version}")?;
        }
        if let Some(version) = self.version {
            write!(f, ", told v{version}")?;
        }
        if let Some(minutes) = self.minutes {
            write!(f, " with {minutes} min")?;
        }
        Ok(())
    }
}

/// Places in threads are numbers of events, and in processes times.
fn shown_interval(step: &Step, unit: Unit) -> String {
    let Step { invoked, answered, .. } = step;
    match unit {
        Unit::Events => format!("from event {invoked} to event {answered}"),
        Unit::Ns => format!("from {invoked} ns to {answered} ns"),
    }
}

fn shown_age(age: Age, unit: Unit) -> String {
    let versions = match age.versions {
        1 => "1 version".to_owned(),
        count => format!("{} versions", grouped(count)),
    };
    let unit = match unit {
        Unit::Events if age.since == 1 => "event",
        Unit::Events => "events",
        Unit::Ns => "ns",
    };
    format!("{versions} and {} {unit}", grouped(age.since))
}

fn list(anomalies: &[Found]) -> String {
    let one = |found: &Found| {
        let standing = match found.standing {
            Standing::Admitted => "admitted",
            Standing::Follows => "follows from what is admitted",
            Standing::Unexpected => "not admitted",
        };
        format!("{} {} ({standing})", grouped(found.count), found.anomaly)
    };
    anomalies.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A number with commas between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 3 == first {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
