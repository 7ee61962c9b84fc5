//! The workloads that have a name.
//!
//! `ycsb_a` to `ycsb_f` are the core workloads of Cooper et al., "Benchmarking Cloud Serving
//! Systems with YCSB", SoCC 2010, with their shares and their Zipf constant of 0.99. Read is
//! `get`, update is `edit`, insert is `create`, read-modify-write is a client's `save`. A scan is
//! `list`, of all tasks and not of a short range; the task in the first place is the most popular,
//! where YCSB scatters the popular ones.

use std::time::Duration;

use super::{Mix, Skew, StepKind};

/// One row of the table.
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) mix: Mix,
    pub(super) skew: Skew,
    pub(super) tasks: usize,
    pub(super) think: Duration,
}

const fn named(name: &'static str, tasks: usize, skew: Skew, mix: Mix) -> Named {
    Named { name, mix, skew, tasks, think: Duration::ZERO }
}

const YCSB_TASKS: usize = 1000;
const YCSB_ZIPF: f64 = 0.99;

const fn of(kind: StepKind, share: f64) -> Mix {
    Mix::NOTHING.with(kind, share)
}

use StepKind::{Create, Delete, Edit, Get, List, Save, Start};

pub(super) static NAMED: [Named; 11] = [
    named("hot_task", 1, Skew::Hot, of(Edit, 1.0)),
    named("uniform", 1000, Skew::Uniform, of(Get, 0.5).with(Edit, 0.5)),
    named("read_mostly", 1000, Skew::Uniform, of(Get, 0.95).with(Edit, 0.05)),
    Named { think: Duration::from_millis(1), ..named("editors", 10, Skew::Uniform, of(Save, 1.0)) },
    Named {
        think: Duration::from_micros(200),
        ..named("office", 20, Skew::Zipf(YCSB_ZIPF), OFFICE)
    },
    named("ycsb_a", YCSB_TASKS, Skew::Zipf(YCSB_ZIPF), of(Get, 0.5).with(Edit, 0.5)),
    named("ycsb_b", YCSB_TASKS, Skew::Zipf(YCSB_ZIPF), of(Get, 0.95).with(Edit, 0.05)),
    named("ycsb_c", YCSB_TASKS, Skew::Zipf(YCSB_ZIPF), of(Get, 1.0)),
    named("ycsb_d", YCSB_TASKS, Skew::Latest(YCSB_ZIPF), of(Get, 0.95).with(Create, 0.05)),
    named("ycsb_e", YCSB_TASKS, Skew::Zipf(YCSB_ZIPF), of(List, 0.95).with(Create, 0.05)),
    named("ycsb_f", YCSB_TASKS, Skew::Zipf(YCSB_ZIPF), of(Get, 0.5).with(Save, 0.5)),
];

/// A little of everything.
const OFFICE: Mix = of(Get, 0.3)
    .with(List, 0.05)
    .with(Edit, 0.3)
    .with(Save, 0.15)
    .with(Create, 0.05)
    .with(Delete, 0.05)
    .with(Start, 0.1);
