//! The specifications by name.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::{
    Budget, CasRegister, Core, History, KeyValue, Misfit, Queue, Register, Set, Verdict, Violation,
    check,
};

/// A specified object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// [`Register`]
    Register,
    /// [`CasRegister`]
    CasRegister,
    /// [`KeyValue`]
    KeyValue,
    /// [`Set`]
    Set,
    /// [`Queue`]
    Queue,
}

impl Object {
    /// Every object.
    pub const ALL: [Self; 5] =
        [Self::Register, Self::CasRegister, Self::KeyValue, Self::Set, Self::Queue];

    /// The name that histories and command lines have.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::CasRegister => "cas-register",
            Self::KeyValue => "kv",
            Self::Set => "set",
            Self::Queue => "queue",
        }
    }

    /// All names, for a sentence.
    pub fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// [`check`] against this object.
    ///
    /// # Errors
    /// As [`check`].
    pub fn check(self, history: &History, budget: Budget) -> Result<Verdict, Misfit> {
        match self {
            Self::Register => check(history, &mut Register::default(), budget),
            Self::CasRegister => check(history, &mut CasRegister::default(), budget),
            Self::KeyValue => check(history, &mut KeyValue::new(), budget),
            Self::Set => check(history, &mut Set::new(), budget),
            Self::Queue => check(history, &mut Queue::new(), budget),
        }
    }

    /// [`Core::of`] a violation of this object.
    ///
    /// # Errors
    /// As [`Core::of`].
    pub fn core(
        self,
        history: &History,
        violation: &Violation,
        time: Duration,
    ) -> Result<Core, Misfit> {
        match self {
            Self::Register => Core::of(history, &mut Register::default(), violation, time),
            Self::CasRegister => Core::of(history, &mut CasRegister::default(), violation, time),
            Self::KeyValue => Core::of(history, &mut KeyValue::new(), violation, time),
            Self::Set => Core::of(history, &mut Set::new(), violation, time),
            Self::Queue => Core::of(history, &mut Queue::new(), violation, time),
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Object {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let object = Self::ALL.into_iter().find(|object| object.as_str() == name);
        let names = Self::names();
        object.ok_or_else(|| format!("no specification is called {name:?}; there are {names}"))
    }
}
