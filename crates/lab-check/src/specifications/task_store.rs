//! A task store: what its records say of the whole, all tasks together.

use std::collections::{BTreeMap, BTreeSet};

use lab_history::{Ending, Event, Function, Kind, Record};
use lab_task::Status;
use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::states::States;
use crate::{
    BuildError, Effect, History, HistoryBuilder, Misfit, Operation, OperationId, Specification,
    State,
};

/// A task store that is empty at first, made for the records of one history: each operation of
/// that history names its record, a list with its tasks.
///
/// What the records do not say may be anything: a status that a save leaves open, the titles that
/// a list asks for. Which task a create made whose answer is lost is assumed where it is not known.
#[derive(Clone, Debug)]
pub struct TaskStore {
    /// In the order of places.
    calls: Vec<Call>,
    actions: Vec<Action>,
    /// What each list saw, one list after the other, each sorted by task.
    listed: Vec<Seen>,
    /// Each sorted by task.
    states: States<Cell>,
    has_assumed: bool,
}

/// An operation, by its place.
pub type TaskAction = u32;

#[derive(Clone, Debug)]
struct Call {
    record: Record,
    /// The place in the records.
    at: usize,
    action: TaskAction,
}

/// What an operation means, apart from who did it and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Action {
    function: Function,
    ending: Ending,
    status: Option<Status>,
    task: u64,
    based_on: u64,
    version: u64,
    content: u64,
    /// Where what it saw begins among all that was listed, and where it ends.
    listed: (usize, usize),
}

type Seen = (u64, u64, Option<Status>, u64);

/// A task that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Cell {
    task: u64,
    version: u64,
    /// What it holds, 0 where that is not known.
    content: u64,
    /// What its create was told apart by, 0 for nothing.
    key: u64,
    status: Option<Status>,
}

impl TaskStore {
    /// The store and the history of `records`, the tasks of a list behind the list.
    ///
    /// # Errors
    /// There are more operations than a history holds.
    pub fn new(records: &[Record]) -> Result<(Self, History), BuildError> {
        let operations = records.iter().filter(|it| it.function != Function::Listed).count();
        let mut store = Self {
            calls: Vec::with_capacity(operations),
            actions: Vec::with_capacity(operations),
            listed: Vec::with_capacity(records.len() - operations),
            states: States::new(),
            has_assumed: false,
        };
        for (at, record) in records.iter().enumerate() {
            if record.function == Function::Listed {
                continue;
            }
            let begin = store.listed.len();
            if record.function == Function::List {
                let behind = records[at + 1..].iter();
                let listed = behind.take_while(|one| one.function == Function::Listed);
                store.listed.extend(listed.map(seen));
                store.listed[begin..].sort_unstable();
            }
            let listed = (begin, store.listed.len());
            store.calls.push(Call { record: *record, at, action: 0 });
            store.actions.push(Action { listed, ..Action::of(record) });
        }
        store.assume_created();
        store.number_actions();
        let history = store.history()?;
        Ok((store, history))
    }

    /// Gives equal actions one number.
    fn number_actions(&mut self) {
        let mut known = FxHashMap::default();
        let actions = std::mem::take(&mut self.actions);
        for (call, action) in self.calls.iter_mut().zip(actions) {
            let next = known.len() as TaskAction;
            call.action = *known.entry(action).or_insert_with(|| {
                self.actions.push(action);
                next
            });
        }
    }

    fn listed(&self, action: &Action) -> &[Seen] {
        &self.listed[action.listed.0..action.listed.1]
    }

    /// Whether it was assumed which create made a task: then that no order explains the answers
    /// is true of these creates alone.
    pub fn has_assumed(&self) -> bool {
        self.has_assumed
    }

    /// The place of an operation's record.
    pub fn record(&self, history: &History, id: OperationId) -> usize {
        let operation = &history.operations()[id as usize];
        self.calls[operation.argument.get() as usize].at
    }

    /// Gives creates without an answer the tasks that were seen and that nobody says to have
    /// created, the earliest seen first; what is left makes tasks that nobody saw.
    fn assume_created(&mut self) {
        let mut made = BTreeSet::new();
        let mut first_seen: BTreeMap<u64, u64> = BTreeMap::new();
        let mut see = |task: u64, answered: u64| {
            let first = first_seen.entry(task).or_insert(answered);
            *first = answered.min(*first);
        };
        for (Call { record, .. }, action) in self.calls.iter().zip(&self.actions) {
            self.listed(action).iter().for_each(|seen| see(seen.0, record.answered));
            match (record.function, record.ending) {
                (Function::List | Function::Summary, _) => {}
                (Function::Create, _) if record.task != 0 => drop(made.insert(record.task)),
                (_, Ending::Ok | Ending::Stale | Ending::LimitReached) => {
                    see(record.task, record.answered);
                }
                _ => {}
            }
        }
        let orphans = first_seen.into_iter().filter(|(task, _)| !made.contains(task));
        let mut orphans: Vec<(u64, u64)> = orphans.map(|(task, seen)| (seen, task)).collect();
        orphans.sort_unstable();
        let mut lost: Vec<usize> = (0..self.calls.len())
            .filter(|at| {
                let Record { function, ending, task, .. } = self.calls[*at].record;
                (function, ending, task) == (Function::Create, Ending::Info, 0)
            })
            .collect();
        lost.sort_by_key(|at| self.calls[*at].record.invoked);
        self.has_assumed = lost.len() > 1 && !orphans.is_empty();
        let mut unseen = u64::MAX;
        let mut orphans = orphans.into_iter();
        for at in lost {
            self.actions[at].task = orphans.next().map_or(unseen, |(_, task)| task);
            unseen -= 1;
        }
    }

    /// Each operation by a process of its own, since one that crashed may go on.
    fn history(&self) -> Result<History, BuildError> {
        let mut builder = HistoryBuilder::new();
        for (at, call) in (0_u32..).zip(&self.calls) {
            let Record { invoked, answered, function, ending, .. } = call.record;
            let event = |kind, time| Event {
                process: at.into(),
                kind,
                function: function.as_str().to_owned(),
                key: None,
                value: Value::from(at),
                time_ns: Some(time),
            };
            builder.push(&event(Kind::Invoke, invoked))?;
            match ending {
                Ending::Info => {}
                Ending::Fail | Ending::NoLease => builder.push(&event(Kind::Fail, answered))?,
                _ => builder.push(&event(Kind::Ok, answered))?,
            }
        }
        Ok(builder.finish())
    }
}

fn seen(record: &Record) -> Seen {
    (record.task, record.version, record.status, record.content)
}

impl Action {
    fn of(record: &Record) -> Self {
        let Record { function, ending, status, task, based_on, version, content, .. } = *record;
        let status = match function {
            // Whatever is created is to be done.
            Function::Create => status.or(Some(Status::Todo)),
            _ => status,
        };
        Self { function, ending, status, task, based_on, version, content, listed: (0, 0) }
    }

    fn is_of_one(&self) -> bool {
        !matches!(self.function, Function::List | Function::Summary | Function::Start)
    }

    fn is_based_on(&self, version: u64) -> bool {
        self.based_on == 0 || self.based_on == version
    }

    /// The cell after a change of the one that is there, if the change and its answer are right.
    fn changed(&self, cell: Cell, others_in_progress: u64) -> Option<Cell> {
        let is_allowed = match self.function {
            Function::Save => self.is_based_on(cell.version),
            // A limit that is not known is none.
            Function::Start => self.based_on == 0 || others_in_progress < self.based_on,
            _ => true,
        };
        let version = cell.version + 1;
        let is_told = self.ending == Ending::Info || self.version == version;
        let status = match self.function {
            Function::Save => self.status,
            _ => self.status.or(cell.status),
        };
        let content = if self.function == Function::Save { self.content } else { 0 };
        (is_allowed && is_told).then_some(Cell { version, status, content, ..cell })
    }

    /// Whether as many others are in progress as it was told, as far as that is known.
    fn is_reached(&self, cells: &[Cell]) -> bool {
        let others = cells.iter().filter(|cell| cell.task != self.task);
        let unknown = others.filter(|cell| cell.status.is_none()).count() as u64;
        let known = in_status(cells, Status::InProgress, Some(self.task));
        (known..=known + unknown).contains(&self.version)
    }

    fn saw(&self, cell: Option<Cell>) -> bool {
        let seen = (self.task, self.version, self.status, self.content);
        cell.is_some_and(|cell| is_seen(cell, seen))
    }

    /// Whether it lists these tasks as `listed`; both are sorted by task.
    fn lists(&self, cells: &[Cell], listed: &[Seen]) -> bool {
        let may_be_left_out = |cell: &Cell| {
            self.based_on != 0
                || self.status.is_some() && (cell.status.is_none() || cell.status != self.status)
        };
        let mut seen = listed.iter().peekable();
        let is_right = |cell: &Cell| match seen.next_if(|seen| seen.0 == cell.task) {
            Some(seen) => {
                let has =
                    self.status.is_none() || cell.status.is_none_or(|it| Some(it) == self.status);
                has && is_seen(*cell, *seen)
            }
            None => may_be_left_out(cell),
        };
        cells.iter().all(is_right) && seen.next().is_none()
    }

    fn counts(&self, cells: &[Cell]) -> bool {
        let told = [self.task, self.based_on, self.version];
        let known = |status: Status| in_status(cells, status, None);
        told.iter().fold(0, |sum: u64, count| sum.saturating_add(*count)) == cells.len() as u64
            && Status::ALL.into_iter().zip(told).all(|(status, told)| known(status) <= told)
    }
}

fn is_seen(cell: Cell, (task, version, status, content): Seen) -> bool {
    (cell.task, cell.version) == (task, version)
        && cell.status.is_none_or(|known| status.is_none_or(|seen| seen == known))
        && (cell.content == 0 || content == 0 || cell.content == content)
}

/// How many are surely in a status, apart from one task.
fn in_status(cells: &[Cell], status: Status, apart: Option<u64>) -> u64 {
    let is_one = |cell: &&Cell| cell.status == Some(status) && Some(cell.task) != apart;
    cells.iter().filter(is_one).count() as u64
}

impl Specification for TaskStore {
    type Action = TaskAction;

    const BY_KEY: bool = false;

    fn action(
        &mut self,
        _history: &History,
        operation: &Operation,
    ) -> Result<Option<TaskAction>, Misfit> {
        let call = &self.calls[operation.argument.get() as usize];
        let is_lost_look = call.record.ending == Ending::Info && !call.record.function.is_change();
        let says_nothing =
            is_lost_look || matches!(call.record.ending, Ending::Fail | Ending::NoLease);
        Ok((!says_nothing).then_some(call.action))
    }

    fn initial(&self) -> State {
        States::<Cell>::EMPTY
    }

    fn step(&mut self, state: State, action: TaskAction) -> Option<State> {
        let action = &self.actions[action as usize];
        let cells = self.states.get(state);
        let place = cells.binary_search_by_key(&action.task, |cell| cell.task);
        let cell = place.ok().map(|at| cells[at]);
        let in_progress = || in_status(cells, Status::InProgress, Some(action.task));
        let looks = match (action.function, action.ending) {
            (Function::List, _) => action.lists(cells, self.listed(action)),
            (Function::Summary, _) => action.counts(cells),
            (_, Ending::NotFound) => cell.is_none(),
            (_, Ending::Stale) => cell.is_some_and(|cell| cell.version == action.version),
            (_, Ending::LimitReached) => cell.is_some() && action.is_reached(cells),
            (Function::Get, _) => action.saw(cell),
            (Function::Create, _) => {
                let key = action.based_on;
                let same = cells.iter().find(|cell| key != 0 && cell.key == key);
                if let Some(same) = same {
                    return (same.task == action.task).then_some(state);
                }
                let Err(at) = place else { return None };
                let Action { task, status, content, .. } = *action;
                let mut more = cells.to_vec();
                more.insert(at, Cell { task, version: 1, content, key, status });
                return Some(self.states.insert(&more));
            }
            (Function::Delete, ending) => {
                let (at, cell) = (place.ok()?, cell?);
                let is_told = ending == Ending::Info || action.version == cell.version;
                if !is_told || !action.is_based_on(cell.version) {
                    return None;
                }
                let mut fewer = cells.to_vec();
                fewer.remove(at);
                return Some(self.states.insert(&fewer));
            }
            _ => {
                let changed = action.changed(cell?, in_progress())?;
                let mut cells = cells.to_vec();
                cells[place.ok()?] = changed;
                return Some(self.states.insert(&cells));
            }
        };
        looks.then_some(state)
    }

    fn effect(&self, action: TaskAction) -> Effect {
        let action = &self.actions[action as usize];
        let is_applied = matches!(action.ending, Ending::Ok | Ending::Info);
        if action.function.is_change() && is_applied { Effect::Changes } else { Effect::Observes }
    }

    /// Operations on one task each, where these are not the same and no key binds them.
    fn commutes(&self, one: TaskAction, other: TaskAction) -> bool {
        let [one, other] = [one, other].map(|action| &self.actions[action as usize]);
        let are_creates = [one, other].iter().all(|it| it.function == Function::Create);
        let is_bound = are_creates && one.based_on != 0 && one.based_on == other.based_on;
        one.is_of_one() && other.is_of_one() && one.task != other.task && !is_bound
    }

    fn bytes(&self) -> usize {
        self.states.bytes()
    }
}
