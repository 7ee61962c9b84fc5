//! What counts depend on beside the code.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::callgrind::Valgrind;

/// Where and by what something was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Machine {
    rustc: String,
    target: String,
    /// The profile of cargo.
    profile: String,
    /// The C library: it copies memory and hands it out.
    libc: String,
    valgrind: String,
    /// What valgrind's processor can do depends on ours in this alone, and by that the library and
    /// several crates choose how to copy and to search.
    has_avx2: bool,
}

impl Machine {
    /// This one.
    pub(crate) fn here(valgrind: &Valgrind) -> Result<Self> {
        Ok(Self {
            rustc: env!("RACELAB_RUSTC").to_owned(),
            target: env!("RACELAB_TARGET").to_owned(),
            profile: env!("RACELAB_PROFILE").to_owned(),
            libc: libc()?,
            valgrind: valgrind.version().to_owned(),
            has_avx2: has_avx2(),
        })
    }

    /// In what a baseline's machine, this one, is another than the machine `here`.
    pub(crate) fn differs_from(&self, here: &Self) -> Option<String> {
        let pairs = [
            ("compiler", &self.rustc, &here.rustc),
            ("target", &self.target, &here.target),
            ("profile", &self.profile, &here.profile),
            ("C library", &self.libc, &here.libc),
            ("valgrind", &self.valgrind, &here.valgrind),
        ];
        let differs = pairs.into_iter().find(|(_, baseline, here)| baseline != here);
        if let Some((what, baseline, here)) = differs {
            return Some(format!("the baseline is for the {what} {baseline:?}, this is {here:?}"));
        }
        let has = |it| if it { "has AVX2" } else { "has no AVX2" };
        let text = || {
            let (baseline, here) = (has(self.has_avx2), has(here.has_avx2));
            format!("the baseline's processor {baseline}, this one {here}")
        };
        (self.has_avx2 != here.has_avx2).then(text)
    }
}

fn libc() -> Result<String> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let said = said.context("getconf, which names the C library")?;
    ensure!(said.status.success(), "getconf GNU_LIBC_VERSION: {}", said.status);
    Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_compiler_or_processor_is_named_and_the_same_machine_differs_in_nothing() {
        let here = Machine { rustc: "rustc 1.95.0".to_owned(), ..Machine::default() };
        assert_eq!(here.differs_from(&here.clone()), None);
        let old = Machine { rustc: "rustc 1.94.0".to_owned(), ..here.clone() };
        let said = old.differs_from(&here).unwrap();
        let expected =
            "the baseline is for the compiler \"rustc 1.94.0\", this is \"rustc 1.95.0\"";
        assert_eq!(said, expected);
        let new = Machine { has_avx2: true, ..here.clone() };
        let said = new.differs_from(&here).unwrap();
        assert_eq!(said, "the baseline's processor has AVX2, this one has no AVX2");
    }
}
