//! What a name says, held against every order of the whole history.

use std::cell::RefCell;
use std::collections::BTreeMap;

use lab_task::Anomaly;
use proptest::test_runner::TestRunner;

use super::*;
use crate::Effect;

/// The changes of a history as it was recorded, and the looks that the core names.
struct Whole<'a, S: Specification> {
    history: &'a History,
    specification: &'a mut S,
    core: &'a Core,
}

impl<S: Specification> Whole<'_, S> {
    /// Every operation in the form that `form` gives it, explained or not.
    fn holds(&mut self, form: impl Fn(OperationId, Operation) -> Option<Operation>) -> bool {
        let initial = self.specification.initial();
        let entries = self.entries(form);
        holds(&entries, self.specification, initial)
    }

    fn entries(
        &mut self,
        form: impl Fn(OperationId, Operation) -> Option<Operation>,
    ) -> Vec<Entry<S::Action>> {
        let mut entries = Vec::new();
        for (id, operation) in (0..).zip(self.history.operations()) {
            let Some(weakened) = form(id, *operation) else { continue };
            if let Some(action) = self.specification.action(self.history, &weakened).unwrap() {
                entries.push(Entry { kept: Kept { id, weakened }, action });
            }
        }
        entries
    }

    /// The firm operations of the core as they were recorded.
    fn firm(&self) -> Vec<(OperationId, Operation)> {
        let firm = self.core.kept.iter().filter(|kept| kept.is_firm()).map(|kept| kept.id);
        firm.map(|id| (id, self.history.operations()[id as usize])).collect()
    }

    fn is_needed(&self, id: OperationId) -> bool {
        let looks = observes(self.history, &self.history.operations()[id as usize]);
        !looks || self.firm().iter().any(|(firm, _)| *firm == id)
    }

    /// Whether what `read` saw can be right at some time, of what was `done`.
    fn can_be_seen(&mut self, read: OperationId, done: impl Fn(&Operation) -> bool) -> bool {
        self.can_all_be(&[read], done)
    }

    /// Whether `firm` can all have been answered so, at any times, beside what was `done`.
    fn can_all_be(&mut self, firm: &[OperationId], done: impl Fn(&Operation) -> bool) -> bool {
        let history = self.history;
        self.holds(|id, one| {
            if firm.contains(&id) {
                return Some(Operation { invoked: 0, answered: history.events(), ..one });
            }
            let maybe = Operation { answered: NEVER, answer: Answer::Info, ..one };
            (done(&one) && !observes(history, &one)).then_some(maybe)
        })
    }

    /// Whether the definition of a name is met that a core has which has none.
    fn is_any_met(&mut self) -> bool {
        let firm = self.firm();
        let last = firm.iter().map(|(_, one)| one.answered).max().unwrap();
        let is_alone = firm.len() == 1;
        let looks = |whole: &Self, one: &Operation| observes(whole.history, one);
        let young = Age { versions: 0, time_ns: None };
        // Whether a change was seen later is clear where nothing was asked for later.
        let ends = self.history.operations().iter().all(|one| one.invoked < last);
        is_alone
            || self.is_old(young, last, looks)
            || self.is_one_replaced_twice()
            || ends && self.is_without_a_change(last)
    }

    /// Two acknowledged `cas` of one value of which no order has both.
    fn is_one_replaced_twice(&mut self) -> bool {
        let all = self.history.operations();
        let from = |id: OperationId| {
            let one = &all[id as usize];
            let is_cas = one.answer == Answer::Ok && self.history.function(one) == "cas";
            self.history.values().elements(one.argument).filter(|_| is_cas).map(|cas| cas[0])
        };
        let ids = 0..all.len() as u32;
        let pairs = ids.flat_map(|one| (0..one).map(move |other| (one, other)));
        let pairs: Vec<_> = pairs
            .filter(|(one, other)| from(*one).is_some() && from(*one) == from(*other))
            .collect();
        let done = |one: &Operation| one.answer != Answer::Fail;
        pairs.iter().any(|(one, other)| !self.can_all_be(&[*one, *other], done))
    }

    fn is_met(&mut self, name: Name) -> bool {
        let firm = self.firm();
        let last = firm.iter().map(|(_, one)| one.answered).max().unwrap();
        let failed = |one: &Operation| one.answer == Answer::Fail;
        match name.anomaly {
            Anomaly::DirtyRead | Anomaly::FutureRead => {
                let [(read, operation)] = firm[..] else { return false };
                let in_time = |one: &Operation| one.invoked < operation.answered && !failed(one);
                let is_future = name.anomaly == Anomaly::FutureRead;
                !self.can_be_seen(read, in_time)
                    && (self.can_be_seen(read, |one| !failed(one)) == is_future
                        || !is_future && self.can_be_seen(read, |one| one.invoked < last))
            }
            Anomaly::StaleRead => self.is_old(name.age.unwrap(), last, |_, _| true),
            Anomaly::NonMonotonicRead => {
                self.is_old(name.age.unwrap(), last, |_, _| true)
                    && firm.iter().any(|(_, one)| self.is_shown_by_itself(one, last))
            }
            Anomaly::LostUpdate => self.is_replaced_twice() || self.is_without_a_change(last),
            Anomaly::LostCreate | Anomaly::ResurrectedDelete => self.is_without_a_change(last),
            Anomaly::TornList => {
                let twice = |one: &Operation| {
                    let elements = self.history.values().elements(one.result).unwrap_or_default();
                    elements.iter().enumerate().any(|(at, one)| elements[..at].contains(one))
                };
                firm.iter().any(|(_, one)| twice(one))
            }
            _ => false,
        }
    }

    /// Some operation of the core is explained sooner, and then so many changes came after it in
    /// every order.
    fn is_old(
        &mut self,
        age: Age,
        last: u32,
        is_meant: impl Fn(&Self, &Operation) -> bool,
    ) -> bool {
        let mut firm = self.firm();
        firm.retain(|(_, one)| is_meant(self, one));
        firm.iter().any(|(read, operation)| {
            let needed = |whole: &Self, id| whole.is_needed(id);
            let ids: Vec<OperationId> = (0..self.history.operations().len() as u32)
                .filter(|id| needed(self, *id))
                .collect();
            let sooner = |id, one: Operation| {
                let invoked = if id == *read { 0 } else { one.invoked };
                let is_there = ids.contains(&id) && one.invoked < last;
                is_there.then_some(Operation { invoked, ..one })
            };
            let entries = self.entries(sooner);
            let initial = self.specification.initial();
            let newer = Newer { entries: &entries, read: *read, asked: operation.invoked };
            let fewest = newer.fewest(self.specification, 0, initial, None);
            fewest.is_some_and(|fewest| fewest >= age.versions)
        })
    }

    /// Without what the reader itself had seen before, all is explained.
    fn is_shown_by_itself(&mut self, read: &Operation, last: u32) -> bool {
        let ids = 0..self.history.operations().len() as u32;
        let ids: Vec<OperationId> = ids.filter(|id| self.is_needed(*id)).collect();
        let history = self.history;
        self.holds(|id, one| {
            let is_own = one.process == read.process
                && one.answered < read.invoked
                && observes(history, &one);
            (ids.contains(&id) && one.invoked < last && !is_own).then_some(one)
        })
    }

    /// Two operations of which no order has both, whatever the others did.
    fn is_replaced_twice(&mut self) -> bool {
        let all = self.history.operations();
        let acknowledged =
            (0..all.len() as u32).filter(|id| all[*id as usize].answer == Answer::Ok);
        let changes = acknowledged.filter(|id| self.history.function(&all[*id as usize]) == "cas");
        let changes: Vec<OperationId> = changes.collect();
        changes.iter().enumerate().any(|(at, one)| {
            let done = |one: &Operation| one.answer != Answer::Fail;
            changes[..at].iter().any(|other| !self.can_all_be(&[*one, *other], done))
        })
    }

    fn is_without_a_change(&mut self, last: u32) -> bool {
        let ids: Vec<OperationId> =
            (0..self.history.operations().len() as u32).filter(|id| self.is_needed(*id)).collect();
        let firm = self.firm();
        let read = firm.iter().map(|(_, one)| *one).find(|one| one.answered == last).unwrap();
        let replaces = self.history.function(&read) == "cas";
        firm.iter().any(|(change, operation)| {
            let is_change = !observes(self.history, operation)
                && operation.answer == Answer::Ok
                && self.history.function(operation) != "dequeue"
                && !(replaces && operation.answered > read.invoked);
            is_change
                && self.holds(|id, one| {
                    let is_there = ids.contains(&id) && one.invoked < last && id != *change;
                    is_there.then_some(one)
                })
        })
    }
}

/// Counts the changes behind a read that were asked for before it was.
struct Newer<'a, A> {
    entries: &'a [Entry<A>],
    read: OperationId,
    asked: u32,
}

impl<A: Copy> Newer<'_, A> {
    /// The fewest of them in any order that explains the answers, none if there is no such order.
    /// `newer` counts from the read on.
    fn fewest<S: Specification<Action = A>>(
        &self,
        specification: &mut S,
        done: u32,
        state: State,
        newer: Option<u64>,
    ) -> Option<u64> {
        let open = || (0..self.entries.len()).filter(|at| done & 1 << at == 0);
        let mut fewest = None;
        if open().all(|at| !self.entries[at].kept.is_firm()) {
            fewest = newer;
        }
        let ends = open().map(|at| self.entries[at].kept.weakened.answered);
        let Some(first_end) = ends.min() else { return fewest };
        for at in open() {
            let Entry { kept, action } = self.entries[at];
            if kept.weakened.invoked > first_end {
                continue;
            }
            let Some(next) = specification.step(state, action) else { continue };
            let is_change = specification.effect(action) != Effect::Observes;
            let counts = is_change && kept.weakened.invoked < self.asked;
            let newer = if kept.id == self.read {
                Some(0)
            } else {
                newer.map(|newer| newer + u64::from(counts))
            };
            let found = self.fewest(specification, done | 1 << at, next, newer);
            fewest = fewest.into_iter().chain(found).min();
        }
        fewest
    }
}

thread_local! {
    static SEEN: RefCell<BTreeMap<Option<Anomaly>, u32>> = const { RefCell::new(BTreeMap::new()) };
}

fn is_rightly_named<S: Specification>(history: &History, mut specification: S) {
    let specification = &mut specification;
    let verdict = check(history, specification, Budget::default()).unwrap();
    let Verdict::Violated(violation) = verdict else { return };
    let core = Core::of(history, specification, &violation, Duration::MAX).unwrap();
    let anomaly = core.name().map(|name| name.anomaly);
    SEEN.with_borrow_mut(|seen| *seen.entry(anomaly).or_default() += 1);
    if let Some(name) = core.name() {
        let mut whole = Whole { history, specification, core: &core };
        assert!(whole.is_met(name), "{name:?} {core:?} {:?}", history.operations());
    } else {
        let mut whole = Whole { history, specification, core: &core };
        assert!(!whole.is_any_met(), "{core:?} {:?}", history.operations());
    }
}

#[test]
fn a_name_is_only_given_where_its_definition_is_met() {
    let config =
        ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let all = runner.run(&operations(8), |drawn| {
        is_rightly_named(&history(Object::Register, &drawn), Register::default());
        is_rightly_named(&history(Object::CasRegister, &drawn), CasRegister::default());
        is_rightly_named(&history(Object::KeyValue, &drawn), KeyValue::new());
        is_rightly_named(&history(Object::Set, &drawn), Set::new());
        is_rightly_named(&history(Object::Queue, &drawn), Queue::new());
        Ok(())
    });
    all.unwrap();
    // Added, removed, and there: rare among random ones.
    let again = [(0, 1, 0, 9, 0, 1), (2, 1, 0, 9, 2, 3), (3, 1, 0, 9, 4, 5)];
    is_rightly_named(&history(Object::Set, &again), Set::new());
    let seen = SEEN.with_borrow(Clone::clone);
    let named = [
        Anomaly::LostUpdate,
        Anomaly::StaleRead,
        Anomaly::NonMonotonicRead,
        Anomaly::DirtyRead,
        Anomaly::FutureRead,
        Anomaly::LostCreate,
        Anomaly::ResurrectedDelete,
        Anomaly::TornList,
    ];
    for anomaly in named.map(Some) {
        assert!(seen.contains_key(&anomaly), "{anomaly:?} was never tried: {seen:?}");
    }
}

#[test]
fn a_crashed_dequeue_may_have_taken_what_a_stale_read_missed() {
    let drawn = [
        (0, 1, 0, 9, 0, 2),
        (2, 0, 0, 9, 1, 5),
        (0, 2, 0, 9, 3, 9),
        (2, 0, 1, 9, 4, 13),
        (0, 0, 0, 0, 6, 7),
        (2, 0, 0, 0, 8, 11),
        (2, 0, 0, 9, 10, 12),
    ];
    let history = history(Object::Queue, &drawn);
    is_rightly_named(&history, Queue::new());
    let queue = &mut Queue::new();
    let verdict = check(&history, queue, Budget::default()).unwrap();
    let Verdict::Violated(violation) = verdict else { panic!("{verdict:?}") };
    let core = Core::of(&history, queue, &violation, Duration::MAX).unwrap();
    let age = Some(Age { versions: 1, time_ns: None });
    assert_eq!(core.name(), Some(Name { anomaly: Anomaly::StaleRead, age }));
}
