//! Sequential programs: what they are, how they are made up, and what they mean.
//!
//! A step names tasks by their place among those that the program has met so far, not by id: a
//! program still means something when a step before is left out, so it shrinks well.

use lab_task::{
    Change, Description, Filter, IdempotencyKey, NewTask, Operation, Response, Spec, Status, Task,
    TaskId, Title, Version,
};
use proptest::char;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::select;

/// The longest program.
const STEPS_MAX: usize = 25;

/// One client's turn.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    /// 0 or 1.
    pub(crate) client: usize,
    pub(crate) step: Step,
}

/// One operation, before its ids and versions are known.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Create(NewTask, Option<IdempotencyKey>),
    Get(Pick),
    List(Filter),
    Summary,
    Edit(Pick, Change),
    /// A copy, with a change of the client's own or as it is.
    Save(Copy, Option<Change>),
    Delete(Pick),
    /// Only if the copy is still the newest.
    DeleteBasedOn(Copy),
    Start(Pick, u32),
}

/// A task.
#[derive(Clone, Debug)]
pub(crate) enum Pick {
    /// One that was created, counted back from the newest, at most to the oldest; it may have been
    /// deleted since.
    Created(usize),
    /// An id that no task has.
    Invented(TaskId),
}

/// What a client holds for a copy of a task.
#[derive(Clone, Debug)]
pub(crate) enum Copy {
    /// A state that some task once had, counted back in the same way.
    Seen(usize),
    /// One that nobody ever read.
    Invented(Pick, Version),
}

/// The ids and the states that a program has met.
#[derive(Default)]
pub(crate) struct Met {
    ids: Vec<TaskId>,
    states: Vec<Task>,
}

impl Met {
    /// Takes note of an answer, and of the tasks as they are now.
    pub(crate) fn note(&mut self, response: &Response, spec: &Spec) {
        if let Response::Created(id) = response
            && !self.ids.contains(id)
        {
            self.ids.push(*id);
        }
        for task in spec.tasks() {
            if !self.states.contains(task) {
                self.states.push(task.clone());
            }
        }
    }

    fn id(&self, pick: &Pick) -> TaskId {
        match pick {
            Pick::Created(number) => newest(&self.ids, *number).copied().unwrap_or(TaskId(1)),
            Pick::Invented(id) => *id,
        }
    }

    fn copy(&self, copy: &Copy) -> Task {
        match copy {
            Copy::Seen(number) => newest(&self.states, *number)
                .cloned()
                .unwrap_or_else(|| invented(TaskId(1), Version::FIRST)),
            Copy::Invented(pick, version) => invented(self.id(pick), *version),
        }
    }
}

fn newest<T>(met: &[T], number: usize) -> Option<&T> {
    met.iter().rev().nth(number.min(met.len().checked_sub(1)?))
}

fn invented(id: TaskId, version: Version) -> Task {
    let new = NewTask { title: title_of("invented"), description: Description::default() };
    Task { version, ..new.into_task(id) }
}

fn title_of(text: &str) -> Title {
    Title::new(text).unwrap()
}

impl Step {
    /// The operation that this step is after all that was `met` before.
    pub(crate) fn operation(&self, met: &Met) -> Operation {
        match self {
            Self::Create(new, key) => Operation::Create { new: new.clone(), key: key.clone() },
            Self::Get(pick) => Operation::Get(met.id(pick)),
            Self::List(filter) => Operation::List(filter.clone()),
            Self::Summary => Operation::Summary,
            Self::Edit(pick, change) => Operation::Edit(met.id(pick), change.clone()),
            Self::Save(copy, change) => {
                let mut copy = met.copy(copy);
                if let Some(change) = change {
                    change.apply_to_copy(&mut copy);
                }
                Operation::Save(copy)
            }
            Self::Delete(pick) => Operation::Delete(met.id(pick), None),
            Self::DeleteBasedOn(copy) => {
                let copy = met.copy(copy);
                Operation::Delete(copy.id, Some(copy.version))
            }
            Self::Start(pick, wip_limit) => {
                Operation::Start { id: met.id(pick), wip_limit: *wip_limit }
            }
        }
    }
}

/// Any program.
pub(crate) fn program() -> impl Strategy<Value = Vec<Turn>> {
    let turn = (0..2_usize, step()).prop_map(|(client, step)| Turn { client, step });
    vec(turn, 1..=STEPS_MAX)
}

fn step() -> impl Strategy<Value = Step> {
    let wip_limit = prop_oneof![8 => 0..4_u32, 1 => Just(u32::MAX)];
    prop_oneof![
        5 => (new_task(), key()).prop_map(|(new, key)| Step::Create(new, key)),
        1 => pick().prop_map(Step::Get),
        1 => filter().prop_map(Step::List),
        1 => Just(Step::Summary),
        4 => (pick(), change()).prop_map(|(pick, change)| Step::Edit(pick, change)),
        4 => (copy(), option::of(change())).prop_map(|(copy, change)| Step::Save(copy, change)),
        1 => pick().prop_map(Step::Delete),
        1 => copy().prop_map(Step::DeleteBasedOn),
        2 => (pick(), wip_limit).prop_map(|(pick, wip_limit)| Step::Start(pick, wip_limit)),
    ]
}

fn pick() -> impl Strategy<Value = Pick> {
    // The largest ids: where a store keeps signed numbers, they do not fit.
    let largest = [0, 1 << 40, i64::MAX as u64, 1 << 63, u64::MAX].map(TaskId);
    prop_oneof![
        8 => (0..8_usize).prop_map(Pick::Created),
        1 => select(largest.to_vec()).prop_map(Pick::Invented),
    ]
}

fn copy() -> impl Strategy<Value = Copy> {
    let versions = [0, 1, 2, 1 << 63, u64::MAX].map(Version);
    prop_oneof![
        6 => (0..8_usize).prop_map(Copy::Seen),
        1 => (pick(), select(versions.to_vec()))
            .prop_map(|(pick, version)| Copy::Invented(pick, version)),
    ]
}

fn new_task() -> impl Strategy<Value = NewTask> {
    (title(), description()).prop_map(|(title, description)| NewTask { title, description })
}

/// So few that they repeat.
fn key() -> impl Strategy<Value = Option<IdempotencyKey>> {
    let keys = ["k", "K", "another key"].map(|text| IdempotencyKey::new(text).unwrap());
    option::of(select(keys.to_vec()))
}

fn change() -> impl Strategy<Value = Change> {
    let minutes = prop_oneof![4 => 0..100_u32, 1 => Just(u32::MAX), 1 => any::<u32>()];
    prop_oneof![
        title().prop_map(Change::Title),
        description().prop_map(Change::Description),
        status().prop_map(Change::Status),
        minutes.prop_map(Change::AddMinutes),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    select(Status::ALL.to_vec())
}

/// Titles that a filter may take for one another, and any others.
fn title() -> impl Strategy<Value = Title> {
    let alike = ["a", "A", "ab", "a%b", "a_b", "é", "e\u{301}", "ß", "SS", " a ", "\"'\\"];
    let any_title = vec(char::any(), 1..20).prop_filter_map("a title", |characters| {
        Title::new(characters.into_iter().collect::<String>()).ok()
    });
    prop_oneof![4 => select(alike.map(title_of).to_vec()), 1 => any_title]
}

fn description() -> impl Strategy<Value = Description> {
    let any_description = vec(char::any(), 0..40).prop_filter_map("a description", |characters| {
        Description::new(characters.into_iter().collect::<String>()).ok()
    });
    let short = ["", "a", "two\nlines"].map(|text| Description::new(text).unwrap());
    prop_oneof![2 => select(short.to_vec()), 1 => any_description]
}

fn filter() -> impl Strategy<Value = Filter> {
    let parts = ["", "a", "b", "%", "_", "é", "\u{301}", "s", "\\", "\0", "a\0"];
    let title_contains = option::of(select(parts.map(str::to_owned).to_vec()));
    (option::of(status()), title_contains)
        .prop_map(|(status, title_contains)| Filter { status, title_contains })
}
