//! Reads a workload: a name, then what differs from it, as in `uniform,tasks=1000,read=0.9`.

use std::str::FromStr;
use std::time::Duration;

use super::named::{NAMED, Named};
use super::{Mix, Skew, StepKind, Workload};

/// The most tasks that a workload may have.
const TASKS_MAX: usize = 10_000_000;
/// How many tasks may be in progress together, where nobody says.
const WIP_LIMIT: u32 = 3;

/// A text that gives no workload.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ParseWorkloadError {
    /// The name is not known.
    #[error("no workload is called {0:?}: there are {names}", names = names())]
    NoSuchWorkload(String),
    /// A part after the name says nothing.
    #[error(
        "{0:?} sets nothing: expected tasks=, skew=, think=, limit=, read=, or the share of a \
         step: {kinds}", kinds = kinds()
    )]
    NoSetting(String),
    /// A setting is given a value that it cannot have.
    #[error("{setting} cannot be {value:?}: expected {expected}")]
    NoValue {
        /// Which setting.
        setting: String,
        /// What was given.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The shares do not sum to 1, and no other step is there to make up for it.
    #[error("{setting}={share} leaves {rest} for other steps, and this workload has none")]
    NothingElse {
        /// Which setting.
        setting: String,
        /// Its share.
        share: f64,
        /// What is left.
        rest: f64,
    },
}

impl FromStr for Workload {
    type Err = ParseWorkloadError;

    /// A share that is set takes from all other kinds of step in proportion, or gives to them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(',').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let found = NAMED.iter().find(|named| named.name == name);
        let Named { mix, skew, tasks, think, .. } =
            found.ok_or_else(|| ParseWorkloadError::NoSuchWorkload(name.to_owned()))?;
        let mut workload = Self {
            text: text.to_owned(),
            mix: *mix,
            skew: *skew,
            tasks: *tasks,
            think: *think,
            wip_limit: WIP_LIMIT,
        };
        parts.try_for_each(|part| workload.set(part))?;
        Ok(workload)
    }
}

impl Workload {
    fn set(&mut self, part: &str) -> Result<(), ParseWorkloadError> {
        let no_setting = || ParseWorkloadError::NoSetting(part.to_owned());
        let (setting, value) = part.split_once('=').ok_or_else(no_setting)?;
        let no_value = |expected| ParseWorkloadError::NoValue {
            setting: setting.to_owned(),
            value: value.to_owned(),
            expected,
        };
        match setting {
            "tasks" => {
                let tasks = value.parse().ok().filter(|tasks| (1..=TASKS_MAX).contains(tasks));
                self.tasks = tasks.ok_or_else(|| no_value("a number from 1 to 10000000"))?;
            }
            "skew" => {
                let expected = "hot, uniform, zipf, zipf:0.99, latest or latest:0.99";
                self.skew = skew(value).ok_or_else(|| no_value(expected))?;
            }
            "think" => {
                let expected = "a time up to a minute, as in 500us, 1ms or 2s";
                self.think = think(value).ok_or_else(|| no_value(expected))?;
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| *limit >= 1);
                self.wip_limit = limit.ok_or_else(|| no_value("a number from 1"))?;
            }
            _ => {
                let kind = StepKind::ALL.into_iter().find(|kind| kind.as_str() == setting);
                let first = match kind {
                    None if setting == "read" => StepKind::Get,
                    None => return Err(no_setting()),
                    Some(kind) => kind,
                };
                let share = value.parse().ok().filter(|share| (0.0..=1.0).contains(share));
                let share = share.ok_or_else(|| no_value("a share from 0 to 1"))?;
                self.share(setting, share, first, |other| {
                    kind.map_or(other.is_read(), |kind| kind == other)
                })?;
            }
        }
        Ok(())
    }

    /// Gives the kinds that `is_meant` picks `share` of all steps, in the proportions that they
    /// had, or all of it to `first` if they had none; and the rest to the other kinds.
    fn share(
        &mut self,
        setting: &str,
        share: f64,
        first: StepKind,
        is_meant: impl Fn(StepKind) -> bool,
    ) -> Result<(), ParseWorkloadError> {
        let before = self.mix.share_of(&is_meant);
        let others = self.mix.share_of(|kind| !is_meant(kind));
        if others == 0.0 && share < 1.0 {
            let rest = 1.0 - share;
            return Err(ParseWorkloadError::NothingElse { setting: setting.into(), share, rest });
        }
        let mut mix = Mix::NOTHING;
        for (kind, old) in self.mix.shares() {
            let (whole, part) =
                if is_meant(kind) { (before, share) } else { (others, 1.0 - share) };
            mix = mix.with(kind, old / whole * part);
        }
        self.mix = if before == 0.0 { mix.with(first, share) } else { mix };
        Ok(())
    }
}

fn skew(value: &str) -> Option<Skew> {
    let (word, exponent) = value.split_once(':').map_or((value, None), |(w, e)| (w, Some(e)));
    let given = exponent.map(|exponent| exponent.parse().ok().filter(|e| (0.0..=10.0).contains(e)));
    let zipf = given.unwrap_or(Some(0.99));
    match word {
        "hot" if exponent.is_none() => Some(Skew::Hot),
        "uniform" if exponent.is_none() => Some(Skew::Uniform),
        "zipf" => zipf.map(Skew::Zipf),
        "latest" => zipf.map(Skew::Latest),
        _ => None,
    }
}

fn think(value: &str) -> Option<Duration> {
    let digits = value.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    let number = number.parse().ok()?;
    let time = match unit {
        "us" => Duration::from_micros(number),
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "" if number == 0 => Duration::ZERO,
        _ => return None,
    };
    (time <= Duration::from_secs(60)).then_some(time)
}

fn names() -> String {
    Workload::names().collect::<Vec<_>>().join(", ")
}

fn kinds() -> String {
    StepKind::ALL.map(StepKind::as_str).join(", ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn described(text: &str) -> String {
        text.parse::<Workload>().unwrap().describe()
    }

    fn error(text: &str) -> String {
        text.parse::<Workload>().unwrap_err().to_string()
    }

    #[test]
    fn every_named_workload_reads_and_its_shares_sum_to_one() {
        for name in Workload::names() {
            let workload: Workload = name.parse().unwrap();
            assert!((workload.mix.share_of(|_| true) - 1.0).abs() < 1e-12, "{name}");
        }
    }

    #[test]
    fn a_setting_changes_what_the_name_says_and_the_other_shares_make_room() {
        assert_eq!(described("uniform"), "50 % get, 50 % edit, 1000 tasks, uniform");
        assert_eq!(
            described("uniform,tasks=1,read=0.9,think=1ms"),
            "90 % get, 10 % edit, 1 task, uniform, think 1ms"
        );
        assert_eq!(
            described("uniform,list=0.2"),
            "40 % get, 20 % list, 40 % edit, 1000 tasks, uniform"
        );
        assert_eq!(described("hot_task,save=1"), "100 % save, 1 task, hot");
        assert_eq!(described("ycsb_d,skew=zipf:1.5"), "95 % get, 5 % create, 1000 tasks, zipf:1.5");
        assert_eq!(
            described("hot_task,start=0.5,limit=2,think=0"),
            "50 % edit, 50 % start, 1 task, hot, at most 2 in progress"
        );
    }

    #[test]
    fn what_makes_no_sense_says_what_is_expected() {
        assert!(error("uni").starts_with("no workload is called \"uni\": there are hot_task, "));
        assert!(error("uniform,fast").starts_with("\"fast\" sets nothing: expected tasks=, "));
        assert!(error("uniform,speed=1").starts_with("\"speed=1\" sets nothing"));
        let value = |setting| error(&format!("uniform,{setting}"));
        assert_eq!(value("tasks=0"), "tasks cannot be \"0\": expected a number from 1 to 10000000");
        assert_eq!(value("get=1.5"), "get cannot be \"1.5\": expected a share from 0 to 1");
        assert_eq!(value("get=NaN"), "get cannot be \"NaN\": expected a share from 0 to 1");
        for wrong in ["think=1", "think=1h", "think=61s", "think=ms", "think=-1s"] {
            assert!(value(wrong).contains("as in 500us, 1ms or 2s"), "{wrong}");
        }
        for wrong in ["skew=zipf:-1", "skew=hot:1", "skew=", "skew=zipf:x"] {
            assert!(value(wrong).contains("expected hot, uniform, zipf"), "{wrong}");
        }
        assert_eq!(
            error("hot_task,edit=0.5"),
            "edit=0.5 leaves 0.5 for other steps, and this workload has none"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_typed_gives_an_error_and_no_panic(text in "[a-z_]{0,9}[,=:0-9.a-z]{0,20}") {
            let _ = text.parse::<Workload>();
        }

        #[test]
        fn shares_sum_to_one_whatever_is_set(
            kind in prop::sample::select(StepKind::ALL.to_vec()),
            share in 0.0_f64..=1.0,
            read in 0.0_f64..=1.0,
        ) {
            let workload: Workload = format!("office,{kind}={share},read={read}").parse().unwrap();
            prop_assert!((workload.mix.share_of(|_| true) - 1.0).abs() < 1e-9);
            prop_assert!((workload.mix.share_of(StepKind::is_read) - read).abs() < 1e-9);
        }
    }
}
